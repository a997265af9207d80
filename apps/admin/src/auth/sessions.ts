import { createHash, randomBytes } from 'node:crypto';

import type { RedisClient } from '@reveille/queue';
import { z } from 'zod';

import type { User } from './users';

const TOKEN_BYTES = 32;
const sessionSchema = z.object({ name: z.string(), version: z.string() });

/** Logins that last, on Redis so that every admin process knows them; only the hash of a session's token is there. */
export interface Sessions {
  /** Resolves with the token, for the cookie. */
  begin(user: User): Promise<string>;
  /** Whose session it is; undefined: nobody's, or it has ended. The user must be in the configuration as at the login. */
  find(token: string): Promise<User | undefined>;
  end(token: string): Promise<void>;
}

export interface SessionsOptions {
  readonly redis: RedisClient;
  readonly prefix: string;
  readonly users: ReadonlyMap<string, User>;
  /** Milliseconds, from the login on. */
  readonly ttlMs: number;
}

export function createSessions({ redis, prefix, users, ttlMs }: SessionsOptions): Sessions {
  const keyOf = (token: string): string => `${prefix}:admin:session:${createHash('sha256').update(token).digest('base64url')}`;
  return {
    async begin({ name, version }) {
      const token = randomBytes(TOKEN_BYTES).toString('base64url');
      await redis.set(keyOf(token), JSON.stringify({ name, version }), 'PX', ttlMs);
      return token;
    },
    async find(token) {
      const session = readSession(await redis.get(keyOf(token)));
      const user = session && users.get(session.name);
      return user?.version === session?.version ? user : undefined;
    },
    async end(token) {
      await redis.del(keyOf(token));
    },
  };
}

function readSession(text: string | null): z.output<typeof sessionSchema> | undefined {
  if (text === null) return undefined;
  try {
    return sessionSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
