import type { Credential } from 'firebase-admin/app';
import { z } from 'zod';

import type { FetchToken, TokenResult } from './credential';
import type { ServiceAccount } from './service-account';
import { tokenEndpointFailure } from './token-exchange';

/** How firebase-admin's google-auth-library tells that the token endpoint answered with an error. */
const answeredError = z.object({ response: z.object({ status: z.number(), data: z.unknown() }) });
/** It has no code for missing application default credentials, only these texts. */
const NO_CREDENTIALS = /could not load the default credentials|does not exist, or it is not a file/i;

interface Terms {
  readonly timeoutMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Access tokens of firebase-admin's application default credentials: a metadata server, workload identity or file. */
export function createApplicationDefault(options: Terms): FetchToken {
  return fetchWith(async () => (await import('firebase-admin/app')).applicationDefault(), options);
}

export interface CertificateOptions extends Terms {
  readonly account: ServiceAccount;
  readonly projectId: string;
  /** Used when the last token was refused: firebase-admin would give the same one again from its cache. */
  readonly renew: FetchToken;
}

/** Access tokens of a service account from firebase-admin, always from Google's own token endpoint. */
export function createCertificate(options: CertificateOptions): FetchToken {
  const { account, projectId, renew } = options;
  const fetchCached = fetchWith(async () => {
    const { cert } = await import('firebase-admin/app');
    return cert({ projectId, clientEmail: account.clientEmail, privateKey: account.privateKey });
  }, options);
  return (fresh) => (fresh ? renew(true) : fetchCached(false));
}

/** firebase-admin is loaded with the first push, not at start: 12 MB that an idle dispatcher does not spend. */
function fetchWith(loadCredential: () => Promise<Credential>, { timeoutMs, now }: Terms): FetchToken {
  let credential: Promise<Credential> | undefined;
  return async () => {
    try {
      credential ??= loadCredential();
      const loaded = await credential;
      const token = await withDeadline(loaded.getAccessToken(), timeoutMs);
      if (token === undefined) {
        return { ok: false, kind: 'unavailable', reason: 'token-timeout' };
      }
      return { ok: true, token: { value: token.access_token, expiresAt: now() + token.expires_in * 1000 } };
    } catch (error) {
      return failure(error);
    }
  };
}

function failure(error: unknown): TokenResult {
  const answered = answeredError.safeParse(error);
  if (answered.success) {
    return tokenEndpointFailure(answered.data.response.status, answered.data.response.data);
  }
  if (error instanceof Error && NO_CREDENTIALS.test(error.message)) {
    // Neither a file nor a metadata server: it takes an operator to provide one.
    return { ok: false, kind: 'refused', reason: 'token-no-credentials' };
  }
  return { ok: false, kind: 'unavailable', reason: 'token-connect' };
}

/** google-auth-library has no timeout: undefined when it takes longer than `timeoutMs`. */
async function withDeadline<T>(promise: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeoutMs);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
