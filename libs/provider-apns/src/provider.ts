import { createHttp2Transport, type Http2Transport } from '@reveille/http2-transport';
import type { CredentialExpiry, Dispatch, Provider, SendOutcome } from '@reveille/provider';

import { createApnsClient, type ApnsClient } from './client';
import type { ApnsCredentials } from './credentials';
import { toDeviceToken } from './device-token';
import { buildHeaders } from './headers';
import { toOutcome } from './outcome';
import { buildPayload } from './payload';
import { apnsOrigin, type ApnsSettings } from './settings';

/** One attempt, waiting for a stream included. */
const DEFAULT_REQUEST_TIMEOUT_MS = 30_000;
/** A push about to expire still gets the time of a round trip. */
const MIN_REQUEST_TIMEOUT_MS = 1_000;
/** Different in every push (Apple, "Sending notification requests to APNs": literal header fields without indexing). */
const UNINDEXED_HEADERS = ['apns-id', 'apns-expiration', 'apns-collapse-id'] as const;

export interface ApnsProviderOptions {
  readonly settings: ApnsSettings;
  readonly credentials: ApnsCredentials;
  /** HTTP proxy for CONNECT; a function if it differs by origin (`NO_PROXY`). */
  readonly proxy?: string | ((origin: string) => string | undefined) | undefined;
  /** Longest time of one attempt, in milliseconds; default 30,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** One app at Apple's push service. Opens no connection before the first send. */
export function createApnsProvider(options: ApnsProviderOptions): Provider {
  const { settings, credentials, now = Date.now, requestTimeoutMs = DEFAULT_REQUEST_TIMEOUT_MS } = options;
  const transport = createTransport(options);
  const client = createApnsClient({ credentials, transport, now });
  const send = async (dispatch: Dispatch): Promise<SendOutcome> => {
    const timeoutMs = Math.min(requestTimeoutMs, Math.max(dispatch.deadline - now(), MIN_REQUEST_TIMEOUT_MS));
    const push = preparePush(dispatch, settings, credentials.topic);
    switch (push.kind) {
      case 'prepared':
        return toOutcome(await client.send({ ...push, timeoutMs }), now(), client.hasAcceptedToken());
      case 'rejected':
        return { ...push, diedAt: now() };
      case 'skipped':
      case 'undeliverable':
        return push;
      default:
        return push satisfies never;
    }
  };
  return {
    type: 'apns',
    send,
    credentials: () => expiries(credentials, client),
    close: (graceMs) => transport.close(graceMs),
  };
}

type PreparedPush =
  | {
      readonly kind: 'prepared';
      readonly deviceToken: string;
      readonly headers: Record<string, string>;
      readonly body: string;
    }
  | { readonly kind: 'rejected'; readonly reason: string; readonly suspect: boolean }
  | { readonly kind: 'skipped' | 'undeliverable'; readonly reason: string };

/** Everything that can be decided without Apple. */
function preparePush(dispatch: Dispatch, settings: ApnsSettings, topic: string): PreparedPush {
  const isHex = !settings.convert_device_token_to_hex;
  const deviceToken = toDeviceToken(dispatch.device.pushkey, isHex);
  // No device can have it. With `convert_device_token_to_hex: false` our own setting may be the mistake.
  if (deviceToken === undefined) return { kind: 'rejected', reason: 'malformed-pushkey', suspect: isHex };
  const payload = buildPayload(dispatch, settings.send_badge_counts);
  switch (payload.kind) {
    case 'payload': {
      const headers = buildHeaders(dispatch, topic, settings.push_type ?? payload.pushType);
      return { kind: 'prepared', deviceToken, headers, body: payload.body };
    }
    case 'rejected':
      return { ...payload, suspect: false };
    case 'skipped':
    case 'undeliverable':
      return payload;
    default:
      return payload satisfies never;
  }
}

function createTransport({ settings, credentials, proxy }: ApnsProviderOptions): Http2Transport {
  const { identity, ca } = credentials;
  const origin = apnsOrigin(settings);
  const chosenProxy = typeof proxy === 'function' ? proxy(origin) : proxy;
  return createHttp2Transport({
    origin,
    unindexedHeaders: UNINDEXED_HEADERS,
    ...(ca !== undefined && { ca }),
    ...(chosenProxy !== undefined && { proxy: chosenProxy }),
    ...(identity.kind === 'certificate' && { cert: identity.cert, key: identity.key }),
  });
}

function expiries({ identity }: ApnsCredentials, client: ApnsClient): CredentialExpiry[] {
  if (identity.kind === 'certificate') return [{ credential: 'certificate', expiresAt: identity.expiresAt }];
  const expiresAt = client.tokenExpiresAt();
  return expiresAt === undefined ? [] : [{ credential: 'jwt', expiresAt }];
}
