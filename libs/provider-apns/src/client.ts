import type { Http2Transport } from '@reveille/http2-transport';
import { ApnsClient as Apns2Client, Errors, Notification } from 'apns2';

import { toAnswer, type ApnsAnswer } from './answer';
import type { ApnsCredentials, SigningKey } from './credentials';
import { createProviderTokens } from './provider-token';

/** One push as it goes over the wire, besides who sends it. */
export interface ApnsPush {
  /** Hexadecimal digits. */
  readonly deviceToken: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
}

/** One app's way to APNs. */
export interface ApnsClient {
  /** Never rejects. Sends once, and a second time only after ExpiredProviderToken. */
  send(push: ApnsPush): Promise<ApnsAnswer>;
  /** Whether the provider token in use has passed at Apple and has not ended; false without one. */
  hasAcceptedToken(): boolean;
  /** When the provider token in use ends, in milliseconds since the epoch; undefined without one. */
  tokenExpiresAt(): number | undefined;
}

interface ClientOptions {
  readonly credentials: ApnsCredentials;
  readonly transport: Http2Transport;
  readonly now: () => number;
}

export function createApnsClient({ credentials: { identity }, transport, now }: ClientOptions): ApnsClient {
  switch (identity.kind) {
    case 'certificate':
      return {
        send: (push) => post(transport, push, {}),
        hasAcceptedToken: () => false,
        tokenExpiresAt: () => undefined,
      };
    case 'signing-key':
      return createSigningClient(identity, transport, now);
    default:
      return identity satisfies never;
  }
}

/** One POST; `identity` are the headers that say who we are, beside the TLS certificate. */
async function post(
  transport: Http2Transport,
  push: ApnsPush,
  identity: Readonly<Record<string, string>>,
): Promise<ApnsAnswer> {
  const startedAt = performance.now();
  const result = await transport.request({
    method: 'POST',
    path: `/3/device/${push.deviceToken}`,
    headers: { ...push.headers, ...identity },
    body: push.body,
    timeoutMs: push.timeoutMs,
  });
  return toAnswer(result, performance.now() - startedAt);
}

/** What apns2's `send` hands to its `client` field, as far as we look at it. */
interface Apns2Request {
  readonly headers: { readonly authorization: string };
}

/** A push on its way through apns2, and what came of it. */
interface Exchange {
  readonly push: ApnsPush;
  answer?: ApnsAnswer;
}

/**
 * apns2 signs (ES256, RFC 7515; `iss`, `iat`, `kid`) and keeps the JWT; everything else is ours. It calls
 * `client.request` synchronously inside `send`, so what it cannot carry (apns-id, the encoded body) waits in
 * `handedOver`.
 */
function createSigningClient(key: SigningKey, transport: Http2Transport, now: () => number): ApnsClient {
  const apns2 = new Apns2Client({ team: key.teamId, keyId: key.keyId, signingKey: key.privateKey, keepAlive: false });
  const tokens = createProviderTokens(now);
  let handedOver: Exchange | undefined;

  const request = async ({ headers }: Apns2Request) => {
    const exchange = handedOver;
    // Cannot happen while apns2 calls this inside `send`; the test of two pushes at once fails if that ever changes.
    if (!exchange) throw new Error('apns2 sent a request that was not handed over');
    const token = tokens.choose(headers.authorization);
    exchange.answer = await post(transport, exchange.push, { authorization: token });
    return toApns2Response(exchange.answer, renewalOf(exchange.answer, token));
  };

  const renewalOf = (answer: ApnsAnswer, token: string): 'renew' | 'keep' => {
    if (answer.kind !== 'answered') return 'keep';
    if (answer.reason === Errors.expiredProviderToken) return tokens.expired(token);
    if (answer.reason === Errors.tooManyProviderTokenUpdates) tokens.tooManyUpdates(token);
    if (answer.status === 200) tokens.accepted(token);
    return 'keep';
  };

  const sendOnce = async (push: ApnsPush): Promise<ApnsAnswer> => {
    const exchange: Exchange = { push };
    handedOver = exchange;
    const sent = apns2.send(new Notification(push.deviceToken));
    handedOver = undefined;
    // apns2 throws an ApnsError for every answer but 200; what Apple said is in the exchange.
    await sent.catch(() => undefined);
    return exchange.answer ?? { kind: 'unsigned', latencyMs: 0 };
  };

  replacePool(apns2, request);
  return {
    async send(push) {
      const answer = await sendOnce(push);
      // Whatever became of the token meanwhile, a second try is with the newest.
      return isExpiredToken(answer) ? sendOnce(push) : answer;
    },
    hasAcceptedToken: () => tokens.hasAccepted(),
    tokenExpiresAt: () => tokens.expiresAt(),
  };
}

/** apns2's own pool (undici; one stream a connection, no CA, no proxy) goes before it has opened anything. */
function replacePool(apns2: Apns2Client, request: (request: Apns2Request) => Promise<unknown>): void {
  const pool = apns2.client;
  pool.destroy().catch(() => undefined);
  const done = () => Promise.resolve();
  Object.assign(apns2, { client: { request, close: done, destroy: done } });
}

/** Only the reason ExpiredProviderToken makes apns2 mint a new JWT, so only a renewal that we want is told it. */
function toApns2Response(answer: ApnsAnswer, renewal: 'renew' | 'keep'): object {
  const statusCode = answer.kind === 'answered' ? answer.status : 0;
  const reason = renewal === 'renew' ? Errors.expiredProviderToken : Errors.unknownError;
  return { statusCode, body: { json: () => Promise.resolve({ reason, timestamp: 0 }) } };
}

function isExpiredToken(answer: ApnsAnswer): boolean {
  return answer.kind === 'answered' && answer.status === 403 && answer.reason === Errors.expiredProviderToken;
}
