import { within } from '@reveille/observability';
import type { RedisClient } from '../connect-redis';
import type { DispatchCodec } from '../dispatch-codec';
import { createAppFailed, type AppFailed } from './app-failed';
import type { FailedFilter } from './failed-filter';
import { comesBefore, decodeCursor, encodePlace } from './failed-place';
import type { FailedCauses, FailedItem, FailedPage, FailedPlace, FailedPushes } from './failed-types';

export interface FailedPushesOptions {
  readonly redis: RedisClient;
  readonly prefix: string;
  /** Keys of the apps that are looked at, those that were removed lately included. */
  readonly apps: () => Promise<readonly string[]>;
  readonly codec: DispatchCodec;
}

/** Whoever looks waits so long (milliseconds) for an app whose slot of a Cluster is away. */
const APP_TIMEOUT_MS = 1500;

export function createFailedPushes({ redis, prefix, apps, codec }: FailedPushesOptions): FailedPushes {
  const failedOf = (appKey: string): AppFailed => createAppFailed({ redis, prefix, appKey, codec });

  /** Asks every app that is meant. Rejects when none answers. */
  async function ask<Answer>(filter: FailedFilter, question: (app: AppFailed) => Promise<Answer>): Promise<Asked<Answer>> {
    const keys = filter.app === undefined ? await apps() : [filter.app];
    const answers = await Promise.allSettled(keys.map((key) => within(question(failedOf(key)).then((answer) => ({ answer })), APP_TIMEOUT_MS, undefined)));
    const given = answers.map((one) => (one.status === 'fulfilled' ? one.value : undefined));
    const unreachable = keys.filter((_, index) => given[index] === undefined);
    if (keys.length > 0 && unreachable.length === keys.length) {
      const refused = answers.find((one) => one.status === 'rejected');
      throw new Error('Redis does not answer for any app', { cause: refused?.reason });
    }
    return { given: given.flatMap((one) => (one ? [one.answer] : [])), unreachable };
  }

  return {
    async search(filter, { cursor, limit }): Promise<FailedPage> {
      const before = cursor === undefined ? undefined : decodeCursor(cursor);
      const { given, unreachable } = await ask(filter, async (app) => {
        const [total, found] = await Promise.all([app.count(filter), app.newestFirst(filter, { before, limit: limit + 1 })]);
        return { app, total, found };
      });
      const total = given.reduce((sum, one) => sum + one.total, 0);
      const places = given.flatMap(({ app, found }) => found.map((place) => ({ ...place, app })));
      places.sort((a, b) => (comesBefore(a, b) ? 1 : -1));
      const page = places.slice(0, limit);
      const last = page.at(-1);
      const next = last && places.length > limit ? encodePlace(last) : null;
      return { total, items: await readItems(page), next, unreachable };
    },
    async causes(filter): Promise<FailedCauses> {
      const { given, unreachable } = await ask(filter, (app) => app.causes(filter));
      return { causes: given.flat().sort((a, b) => b.count - a.count || b.lastAt - a.lastAt), unreachable };
    },
    show: (appKey, id) => failedOf(appKey).show(id),
    count: (appKey, filter) => failedOf(appKey).count(filter),
    oldestFirst: (appKey, filter, page) => failedOf(appKey).oldestFirst(filter, page),
  };

  /** Those that left the set meanwhile are missing. */
  async function readItems(page: readonly (FailedPlace & { readonly app: AppFailed })[]): Promise<FailedItem[]> {
    const byApp = new Map<AppFailed, string[]>();
    for (const { app, id } of page) byApp.set(app, [...(byApp.get(app) ?? []), id]);
    const read = await Promise.all([...byApp].map(([app, ids]) => app.items(ids)));
    const items = new Map(read.flat().map((item) => [item.id, item]));
    return page.flatMap(({ id }) => items.get(id) ?? []);
  }
}

interface Asked<Answer> {
  readonly given: readonly Answer[];
  readonly unreachable: readonly string[];
}
