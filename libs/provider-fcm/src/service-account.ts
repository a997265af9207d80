import { createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import type { SettingProblem } from '@reveille/provider';
import { z } from 'zod';

/** Google's token endpoint: what a service account file from the Firebase console names. */
export const GOOGLE_TOKEN_URL = 'https://oauth2.googleapis.com/token';
/** RS256 needs a key of 2048 bits or more (RFC 7518 section 3.3). */
const MIN_KEY_BITS = 2048;

/** A service account: who we are to Google. */
export interface ServiceAccount {
  readonly clientEmail: string;
  /** PEM. */
  readonly privateKey: string;
  readonly privateKeyId?: string;
  readonly tokenUri: string;
  readonly projectId?: string;
}

export type ServiceAccountResult =
  | { readonly ok: true; readonly account: ServiceAccount }
  | { readonly ok: false; readonly problems: readonly SettingProblem[] };

/** A URL that an assertion may be sent to: https, or plain http on this machine. */
export function isTokenUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return (
    url?.protocol === 'https:' ||
    (url?.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname))
  );
}

const field = (name: string) =>
  z.string(`has no string "${name}"`).refine((value) => value.trim() !== '', `has an empty "${name}"`);

const serviceAccountFile = z.object(
  {
    type: z.literal('service_account', 'is not of "type": "service_account"').optional(),
    client_email: field('client_email'),
    private_key: field('private_key').superRefine((pem, context) => {
      const problem = keyProblem(pem);
      if (problem !== undefined) {
        context.addIssue(problem);
      }
    }),
    private_key_id: z.string('has a "private_key_id" that is not a string').optional(),
    token_uri: z
      .string('has a "token_uri" that is not a string')
      .refine(isTokenUrl, 'has a "token_uri" that is not an https URL')
      .default(GOOGLE_TOKEN_URL),
    project_id: z.string('has a "project_id" that is not a string').optional(),
  },
  'is not a JSON object',
);

/**
 * Reads the text of a service account file. Problems name the field and never hold any of its value.
 *
 * @param text the file's content
 */
export function parseServiceAccount(text: string): ServiceAccountResult {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return problems(['is not JSON']); // the parser's message would quote the file
  }
  const parsed = serviceAccountFile.safeParse(json);
  if (!parsed.success) {
    return problems(parsed.error.issues.map((issue) => issue.message));
  }
  const { client_email, private_key, private_key_id, token_uri, project_id } = parsed.data;
  return {
    ok: true,
    account: {
      clientEmail: client_email,
      privateKey: private_key,
      tokenUri: token_uri,
      ...(private_key_id !== undefined && { privateKeyId: private_key_id }),
      ...(project_id !== undefined && { projectId: project_id }),
    },
  };
}

function problems(messages: readonly string[]): ServiceAccountResult {
  return {
    ok: false,
    problems: messages.map((message) => ({
      path: ['service_account_file'],
      message: `the file ${message}`,
      example: 'the JSON file from Firebase console > Project settings > Service accounts > Generate new private key',
    })),
  };
}

function keyProblem(pem: string): string | undefined {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    return 'has a "private_key" that is not a private key in PEM form';
  }
  if (key.asymmetricKeyType !== 'rsa') {
    return 'has a "private_key" that is not an RSA key';
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  return bits < MIN_KEY_BITS ? `has a "private_key" of fewer than ${MIN_KEY_BITS} bits` : undefined;
}
