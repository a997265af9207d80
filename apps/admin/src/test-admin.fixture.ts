import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';

import { configSchema, hashPassword, looseAppSchema } from '@reveille/config';
import { createLogger } from '@reveille/observability';
import type { Dispatch } from '@reveille/provider';
import { connectProducer, type RedisClient } from '@reveille/queue';
import { createKeyedHash } from '@reveille/relay';
import type { RunningRole } from '@reveille/role';
import { eventually } from '@reveille/testing';

import { startAdmin, type AdminSettings } from './start-admin';

export const PREFIX = 'test';
export const IOS = 'com.example.ios';
/** An app by glob. */
export const OTHERS = 'org.example.*';
export const PASSWORD = 'correct horse battery staple';
export const TOKENS = { operator: 'SENTINEL-token-of-an-operator', viewer: 'SENTINEL-token-of-a-viewer' } as const;
/** Whatever must be in no answer. */
export const PUSHKEY = 'SENTINEL-pushkey';
export const CONTENT = 'SENTINEL what somebody said';
export const HASH_KEY = 'SENTINEL-hash-key-of-the-tests';

/** As the configuration has them. */
export async function testUsers() {
  const password_hash = await hashPassword(PASSWORD);
  return [
    { name: 'alice', role: 'operator', password_hash },
    { name: 'bob', role: 'viewer', password_hash },
  ];
}

export interface TestAdminOptions {
  readonly url: string;
  /** Keys of the section `admin`, beside two tokens. */
  readonly admin?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly pageDirectory?: string;
}

export interface TestAdmin {
  readonly url: string;
  readonly role: RunningRole;
  /** Everything that it logged. */
  readonly log: () => string;
  /** As a program with that token, or as nobody. */
  ask(path: string, options?: AskOptions): Promise<Answer>;
}

export interface AskOptions {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: operator. */
  readonly as?: keyof typeof TOKENS | 'nobody';
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of a JSON body; else undefined. */
  readonly body: unknown;
}

export async function startTestAdmin({ url, admin = {}, environment = {}, pageDirectory = '/nowhere' }: TestAdminOptions): Promise<TestAdmin> {
  const stream = new PassThrough();
  let log = '';
  stream.on('data', (chunk) => (log += String(chunk)));
  const role = await startAdmin(
    {
      settings: settingsOf(admin),
      baseDirectory: '/',
      environment,
      redis: { url },
      httpPort: 0,
      metricsPort: 0,
      logger: createLogger({ role: 'admin', level: 'debug', format: 'json', stream }),
    },
    { pageDirectory },
  );
  const { http = '' } = role.urls;
  return {
    url: http,
    role,
    log: () => log,
    async ask(path, { method = 'GET', body, headers = {}, as = 'operator' } = {}) {
      const answer = await fetch(http + path, {
        method,
        redirect: 'manual',
        headers: { ...(as !== 'nobody' && { authorization: `Bearer ${TOKENS[as]}` }), ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await answer.text();
      const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true;
      return { status: answer.status, headers: answer.headers, text, body: isJson ? JSON.parse(text) : undefined };
    },
  };
}

function settingsOf(admin: Readonly<Record<string, unknown>>): AdminSettings {
  const tokens = [
    { name: 'deployment', role: 'operator', token: TOKENS.operator },
    { name: 'dashboard', role: 'viewer', token: TOKENS.viewer },
  ];
  return configSchema(looseAppSchema).parse({
    redis: { prefix: PREFIX },
    privacy: { hash_key: HASH_KEY },
    admin: { tokens, ...admin },
    apps: { [IOS]: { type: 'apns' }, [OTHERS]: { type: 'fcm' } },
  });
}

export async function connectTest(url: string): Promise<RedisClient> {
  const redis = connectProducer({ url });
  await eventually(() => redis.status === 'ready');
  return redis;
}

export const EVENT_ID = '$SENTINEL-event';
export const ROOM_ID = '!SENTINEL-room';
export const HASHES = createKeyedHash(Buffer.from(HASH_KEY));

/** A push of an event, with everything in it that must not be seen. */
export function testDispatch(changes: Partial<Dispatch> = {}): Dispatch {
  return {
    id: randomUUID(),
    kind: 'event',
    acceptedAt: Date.now() - 60_000,
    deadline: Date.now() + 3_600_000,
    deviceHash: HASHES.device(IOS, PUSHKEY),
    eventHash: HASHES.event(EVENT_ID),
    roomHash: HASHES.room(ROOM_ID),
    device: { appId: IOS, pushkey: PUSHKEY, defaultPayload: { kind: 'absent' } },
    notification: { userIsTarget: false, priority: 'high', counts: {}, eventId: EVENT_ID, roomId: ROOM_ID, sender: CONTENT, content: { text: { body: CONTENT }, offersVideo: false } },
    ...changes,
  };
}
