import type { RedisClient } from '@reveille/queue';
import { startTestRedis } from '@reveille/testing';

import { connectTest, startTestAdmin, type Answer, type AskOptions, type TestAdmin } from './test-admin.fixture';
import { readApiDocument, type ApiDocument } from './test-api.fixture';

export interface TestApi {
  readonly redis: RedisClient;
  readonly admin: TestAdmin;
  readonly document: ApiDocument;
}

/** How the tests of a file ask one admin. */
export interface TestApiUse {
  /** Not before the tests run. */
  readonly now: () => TestApi;
  /** Asks as an operator, and compares the answer with the document. */
  readonly ask: (path: string, options?: AskOptions) => Promise<Answer>;
  readonly post: (path: string, body?: unknown) => Promise<Answer>;
  /** The texts of all answers so far. */
  readonly answers: readonly string[];
}

/** One Redis, emptied before each test, and one admin, for the tests of a file. */
export function useTestApi(): TestApiUse {
  const answers: string[] = [];
  let api: (TestApi & { readonly stop: () => Promise<void> }) | undefined;
  const now = (): TestApi => {
    if (!api) throw new Error('only within a test');
    return api;
  };

  beforeAll(async () => {
    const server = await startTestRedis();
    const redis = await connectTest(server.url);
    const admin = await startTestAdmin({ url: server.url });
    const stop = async (): Promise<void> => {
      await admin.role.close();
      redis.disconnect();
      await server.stop();
    };
    api = { redis, admin, document: await readApiDocument(admin), stop };
  });
  beforeEach(() => now().redis.flushall());
  afterAll(() => api?.stop());

  async function ask(path: string, options: AskOptions = {}): Promise<Answer> {
    const answer = await now().admin.ask(path, options);
    now().document.check(options.method ?? 'GET', path, answer);
    answers.push(answer.text);
    return answer;
  }
  return { now, ask, post: (path, body) => ask(path, { method: 'POST', body }), answers };
}
