import { randomUUID } from 'node:crypto';
import { FAILED } from '../failed/failed-keys';
import { appKeyBase, appOfQueue } from '../keyspace';
import { readQueueKeys } from '../partitions/known-partitions';
import { readServerTime } from '../server-time';
import { createAppReplay, replayScripts } from './app-replay';
import { previewReplay } from './preview-replay';
import { workOffReplays } from './replay-engine';
import type { ReplaysOptions } from './replay-options';
import { addPart, readPart, sumParts, withLost, type ReplayPart } from './replay-part';
import { createReplayRecords, type ReplayRecord } from './replay-record';
import type { Replay, ReplayRequest, Replays } from './replay-types';

/** See ADR 18: the index of failed pushes, and replay. */
export function createReplays(options: ReplaysOptions): Replays {
  const { redis, prefix, failed, apps } = options;
  const records = createReplayRecords(redis, prefix);
  const scripts = replayScripts(options);
  const appReplay = (appKey: string) => createAppReplay(options, scripts, appKey);
  /** The keys of the queues that are asked for: each is worked off by itself. */
  const queuesOf = async ({ filter }: Pick<ReplayRequest, 'filter'>): Promise<readonly string[]> => {
    const keys = filter.app === undefined ? await apps() : [filter.app];
    return (await Promise.all(keys.map((appKey) => readQueueKeys({ redis, prefix }, appKey)))).flat();
  };

  async function beginPart(id: string, filter: ReplayRequest['filter'], appKey: string, createdAt: number): Promise<boolean> {
    const base = appKeyBase(prefix, appKey);
    // The clocks of processes differ by milliseconds: what has failed already may seem to fail a little later than now.
    const [, newest] = await redis.zrevrange(`${base}${FAILED}`, 0, 0, 'WITHSCORES');
    const until = Math.max(createdAt, Math.ceil(Number(newest ?? 0)));
    const matched = await failed.count(appKey, { ...filter, until: Math.min(until, filter.until ?? until) });
    if (matched > 0) await addPart(redis, base, { id, matched, until });
    return matched > 0;
  }
  async function toReplay(record: ReplayRecord): Promise<Replay> {
    const read = await Promise.all(record.apps.map((appKey) => readPart(redis, appKeyBase(prefix, appKey), record.id)));
    const now = await readServerTime(redis);
    const parts = read.flatMap((part) => (part ? [withLost(part, now)] : []));
    const { matched, sent, waiting, ends, notSent } = sumParts(parts);
    const left = Object.values(notSent).reduce((sum, count) => sum + count, 0);
    const { apps: _apps, ...asked } = record;
    // While it runs, what is met beyond the first count is counted with it.
    return { ...asked, matched: Math.max(matched, sent + left), done: left + sent - waiting, ends, waiting, waitsFor: await waitsFor(record, read), notSent };
  }
  async function waitsFor({ state, apps: keys }: ReplayRecord, parts: readonly (ReplayPart | undefined)[]): Promise<Replay['waitsFor']> {
    if (state !== 'running') return [];
    const unfinished = keys.filter((_, index) => parts[index]?.isFinished === false);
    const reasons = await Promise.all(unfinished.map(async (key) => ({ app: appOfQueue(key), why: await appReplay(key).stands() })));
    const found = reasons.flatMap(({ app, why }) => (why ? [{ app, why }] : []));
    // Queues of one app mostly stand for the same.
    return found.filter(({ app, why }, index) => found.findIndex((other) => other.app === app && other.why === why) === index);
  }
  const read = async (id: string): Promise<Replay | undefined> => {
    const record = await records.read(id);
    return record && toReplay(record);
  };

  return {
    read,
    async preview(request) {
      return previewReplay({ failed, appReplay, monotonic: () => performance.now() }, request, await queuesOf(request));
    },
    async start({ filter, includeExpired, rate }, by, id = randomUUID()) {
      const createdAt = await readServerTime(redis);
      const keys = await queuesOf({ filter });
      const isMatched = await Promise.all(keys.map((appKey) => beginPart(id, filter, appKey, createdAt)));
      await records.add({ id, state: 'running', by, createdAt, filter, includeExpired, rate, apps: keys.filter((_, index) => isMatched[index]) });
      return id;
    },
    async list() {
      const found = await Promise.all((await records.newest()).map(read));
      return found.flatMap((replay) => replay ?? []);
    },
    pause: (id) => records.change(id, ['running'], 'paused'),
    resume: (id) => records.change(id, ['paused'], 'running'),
    cancel: (id) => records.change(id, ['running', 'paused'], 'cancelled'),
    work: (work) => workOffReplays({ redis, prefix, records, appReplay }, work),
  };
}
