import { within } from '@reveille/observability';
import type { RedisClient } from '../connect-redis';
import type { DispatchCodec } from '../dispatch-codec';
import { createAppFailed } from './app-failed';
import type { FailedFilter } from './failed-filter';
import { comesBefore, decodeCursor, encodePlace } from './failed-place';
import type { FailedCauses, FailedPage, FailedPushes } from './failed-types';
import { createQueueFailed, type AppFailed } from './queue-failed';
import { TooManyToSearch } from './too-many-to-search';

export interface FailedPushesOptions {
  readonly redis: RedisClient;
  readonly prefix: string;
  /** Keys of the apps that are looked at, those that were removed lately included. */
  readonly apps: () => Promise<readonly string[]>;
  readonly codec: DispatchCodec;
  /** Milliseconds after which a list or the causes by several terms are given up, with TooManyToSearch. Default 1200. */
  readonly patienceMs?: number;
}

/** Whoever looks waits so long (milliseconds) for an app whose slot of a Cluster is away. */
const APP_TIMEOUT_MS = 1500;
/** Sooner than that: an app that has too many is not one that does not answer. */
const PATIENCE_MS = 1200;

export function createFailedPushes({ redis, prefix, apps, codec, patienceMs = PATIENCE_MS }: FailedPushesOptions): FailedPushes {
  /** For what is done in the background, or step by step: it may take long. */
  const failedOf = (appKey: string): AppFailed => createAppFailed({ redis, prefix, key: appKey, codec });
  const queueOf = (key: string): AppFailed => createQueueFailed({ redis, prefix, key, codec });
  /** For somebody who waits. */
  const briefly = (appKey: string): AppFailed => createAppFailed({ redis, prefix, key: appKey, codec, patienceMs });
  const keysOf = async (filter: FailedFilter): Promise<readonly string[]> => (filter.app === undefined ? apps() : [filter.app]);

  return {
    async search(filter, { cursor, limit }): Promise<FailedPage> {
      const before = cursor === undefined ? undefined : decodeCursor(cursor);
      const keys = await keysOf(filter);
      const found = await ask(keys, async (key) => {
        const app = briefly(key);
        const [total, places] = await Promise.all([app.count(filter), app.newestFirst(filter, { before, limit: limit + 1 })]);
        return { total, places: places.map((place) => ({ ...place, key })) };
      });
      const places = [...found.given.values()].flatMap((one) => one.places).sort((a, b) => (comesBefore(a, b) ? 1 : -1));
      const page = places.slice(0, limit);
      const last = page.at(-1);
      const read = await ask([...new Set(page.map(({ key }) => key))], (key) =>
        failedOf(key).items(page.flatMap((place) => (place.key === key ? [place.id] : []))),
      );
      const unreachable = mustBeSome(keys, found, read);
      const items = new Map([...read.given.values()].flat().map((item) => [item.id, item]));
      return {
        total: [...found.given].reduce((sum, [key, { total }]) => sum + (unreachable.includes(key) ? 0 : total), 0),
        // Those that left the set meanwhile are missing.
        items: page.flatMap(({ id }) => items.get(id) ?? []),
        next: last && places.length > limit ? encodePlace(last) : null,
        unreachable,
      };
    },
    async causes(filter): Promise<FailedCauses> {
      const keys = await keysOf(filter);
      const found = await ask(keys, (key) => briefly(key).causes(filter));
      const unreachable = mustBeSome(keys, found);
      return { causes: [...found.given.values()].flat().sort((a, b) => b.count - a.count || b.lastAt - a.lastAt), unreachable };
    },
    show: (appKey, id) => failedOf(appKey).show(id),
    count: (key, filter) => queueOf(key).count(filter),
    oldestFirst: (key, filter, page) => queueOf(key).oldestFirst(filter, page),
  };
}

interface Asked<Answer> {
  /** By app. */
  readonly given: ReadonlyMap<string, Answer>;
  readonly unreachable: readonly string[];
  /** What one of those was refused with, if it was. */
  readonly refusal: unknown;
}

/** Asks each app, for a while. @throws TooManyToSearch when one of them does */
async function ask<Answer>(keys: readonly string[], question: (appKey: string) => Promise<Answer>): Promise<Asked<Answer>> {
  const given = new Map<string, Answer>();
  const refusals: unknown[] = [];
  const askOne = async (key: string): Promise<void> => {
    try {
      const one = await within(
        question(key).then((answer) => ({ answer })),
        APP_TIMEOUT_MS,
        undefined,
      );
      if (one) given.set(key, one.answer);
    } catch (error) {
      refusals.push(error);
    }
  };
  await Promise.all(keys.map(askOne));
  const tooMany = refusals.find((error) => error instanceof TooManyToSearch);
  if (tooMany) throw tooMany;
  return { given, unreachable: keys.filter((key) => !given.has(key)), refusal: refusals[0] };
}

/** The apps that did not answer. @throws Error when there is no other */
function mustBeSome(keys: readonly string[], ...asked: readonly Asked<unknown>[]): string[] {
  const unreachable = keys.filter((key) => asked.some((one) => one.unreachable.includes(key)));
  if (keys.length > 0 && unreachable.length === keys.length) {
    throw new Error('Redis does not answer for any app', { cause: asked.find((one) => one.refusal !== undefined)?.refusal });
  }
  return unreachable;
}
