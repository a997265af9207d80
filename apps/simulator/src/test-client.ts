import { connect as connectHttp2, type ClientHttp2Session, constants, type OutgoingHttpHeaders } from 'node:http2';
import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';

import { sign } from 'jsonwebtoken';

import type { Simulator } from './simulator';

/** For the tests: what a client saw of one request. */
export interface SeenAnswer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  /** RST_STREAM code, 0 when the stream ended well. */
  readonly rstCode: number;
}

export const DEVICE_TOKEN = 'ab'.repeat(32);

/** A raw HTTP/2 client that trusts the simulator. */
export async function connect(
  url: string,
  { caPem }: Pick<Simulator, 'caPem'>,
  tls: { cert?: string; key?: string } = {},
): Promise<ClientHttp2Session> {
  const session = connectHttp2(url, { ca: caPem, ...tls });
  await new Promise<void>((resolve, reject) => {
    session.once('remoteSettings', () => resolve());
    session.once('error', reject);
  });
  // Torn down by the server on purpose.
  session.on('error', () => undefined);
  return session;
}

/** Sends one request; resolves when its stream has closed, with or without an answer. */
export async function send(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body: string | Buffer = '',
): Promise<SeenAnswer> {
  return await new Promise((resolve) => {
    const stream = session.request(headers, { endStream: false });
    let answer: Record<string, unknown> = {};
    const chunks: Buffer[] = [];
    stream.on('response', (received) => (answer = received));
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', () => undefined);
    stream.on('close', () => {
      const status = typeof answer[':status'] === 'number' ? answer[':status'] : undefined;
      resolve({
        status,
        headers: answer,
        body: Buffer.concat(chunks).toString(),
        rstCode: stream.rstCode ?? constants.NGHTTP2_NO_ERROR,
      });
    });
    stream.end(body);
  });
}

/** A provider JWT as Apple wants it; `claims` and `header` replace parts of it. */
export function providerJwt(
  simulator: Simulator,
  { claims = {}, header = {}, key }: { claims?: object; header?: object; key?: string } = {},
): string {
  const { teamId, keyId } = simulator.apns;
  return sign(
    { iss: teamId, iat: Math.floor(Date.now() / 1000), ...claims },
    key ?? readFileSync(simulator.files.apnsKey, 'utf8'),
    {
      algorithm: 'ES256',
      header: { alg: 'ES256', kid: keyId, ...header },
    },
  );
}

/** Headers of an APNs push that nothing is wrong with; undefined in `changes` leaves one out. */
export function apnsHeaders(simulator: Simulator, changes: OutgoingHttpHeaders = {}): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {
    ':method': 'POST',
    ':path': `/3/device/${DEVICE_TOKEN}`,
    authorization: `bearer ${providerJwt(simulator)}`,
    'apns-topic': simulator.apns.topic,
    'apns-push-type': 'alert',
    'apns-priority': '10',
    'apns-expiration': '0',
    'apns-id': randomUUID(),
    ...changes,
  };
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
}

export interface ServiceAccountFile {
  readonly client_email: string;
  readonly private_key: string;
  readonly token_uri: string;
  readonly project_id: string;
}

/** The assertion of RFC 7523 that Google wants; `claims` replaces parts of it. */
export function assertion(simulator: Simulator, claims: object = {}, key?: string): string {
  const account = serviceAccountOf(simulator);
  const now = Math.floor(Date.now() / 1000);
  return sign(
    {
      iss: account.client_email,
      scope: 'https://www.googleapis.com/auth/firebase.messaging',
      aud: account.token_uri,
      iat: now,
      exp: now + 3600,
      ...claims,
    },
    key ?? account.private_key,
    { algorithm: 'RS256' },
  );
}

export function serviceAccountOf(simulator: Simulator): ServiceAccountFile {
  // Our own file, of which the tests check the content.
  return JSON.parse(readFileSync(simulator.files.serviceAccount, 'utf8')) as ServiceAccountFile;
}

/** One request to the token endpoint. */
export async function requestToken(simulator: Simulator, form: Record<string, string>): Promise<SeenAnswer> {
  const session = await connect(simulator.tokenUrl, simulator);
  const headers = { ':method': 'POST', ':path': '/token', 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await send(session, headers, new URLSearchParams(form).toString());
  session.destroy();
  return answer;
}

export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** An access token by the regular way. */
export async function accessTokenFrom(simulator: Simulator): Promise<string> {
  const { body } = await requestToken(simulator, { grant_type: JWT_BEARER, assertion: assertion(simulator) });
  // RFC 6749 section 5.1.
  return (JSON.parse(body) as { access_token: string }).access_token;
}
