import { within } from '@reveille/observability';
import { randomUUID } from 'node:crypto';
import { appKeyBase } from '../keyspace';
import { readServerTime } from '../server-time';
import type { AppReplay } from './app-replay';
import { readPart, renewPart, withLost, type ReplayPart } from './replay-part';
import type { ReplayRecord, ReplayRecords } from './replay-record';
import { DROP_LEASE, HOLD_LEASE } from './replay-scripts';
import type { ReplaysOptions } from './replay-options';

export interface ReplayEngineOptions extends Pick<ReplaysOptions, 'redis' | 'prefix'> {
  readonly records: ReplayRecords;
  readonly appReplay: (appKey: string) => AppReplay;
}

export interface WorkOptions {
  readonly signal: AbortSignal;
  /** This replay: resolves when it does not run any more. */
  readonly only?: string;
  readonly onError: (error: unknown) => void;
}

/** How long a replay stays with a process that says nothing any more, in milliseconds. */
const LEASE_MS = 10_000;
/** Between two looks for replays, and at one that waits for its pushes, in milliseconds. */
const LOOK_EVERY_MS = 500;
/** After something went wrong, in milliseconds. */
const AFTER_ERROR_MS = 1000;
/** Pushes of one step: a tenth of a second's, so that the pace is even, and so few that Redis is never busy with one for long. */
const MOST_PER_STEP = 100;
const STEPS_PER_SECOND = 10;
/** Its record lives for days: often enough, in milliseconds. */
const RENEW_EVERY_MS = 3_600_000;

/** Works off all replays that run, each in one process at a time, until the signal. Never rejects. */
export async function workOffReplays(options: ReplayEngineOptions, work: WorkOptions): Promise<void> {
  const me = randomUUID();
  const { signal, only, onError } = work;
  const here = new Map<string, Promise<void>>();
  const begin = (id: string): void => {
    if (here.has(id)) return;
    const run = workOff({ ...options, signal, me, onError }, id).catch(onError);
    here.set(
      id,
      run.finally(() => here.delete(id)),
    );
  };
  while (!signal.aborted) {
    // Nothing is to be said of a Redis that is away, or not there yet: whoever made the connection does.
    if (options.redis.status !== 'ready') {
      await pause(LOOK_EVERY_MS, signal);
      continue;
    }
    try {
      if (only === undefined) for (const id of await options.records.open()) begin(id);
      else if ((await options.records.read(only))?.state === 'running') begin(only);
      else break;
    } catch (error) {
      onError(error);
    }
    await pause(LOOK_EVERY_MS, signal);
  }
  await Promise.all(here.values());
}

interface Here extends ReplayEngineOptions, Pick<WorkOptions, 'signal' | 'onError'> {
  readonly me: string;
}

/** One replay, as long as it runs and nobody else has it. Rejects when Redis does; then somebody begins again. */
async function workOff(here: Here, id: string): Promise<void> {
  const { records, redis, signal, me } = here;
  if ((await records.read(id)) === undefined) return records.forget(id);
  let renewedAt = -Infinity;
  const goesOn = async (): Promise<ReplayRecord | undefined> => {
    if (signal.aborted) return undefined;
    const record = await records.read(id);
    if (record?.state !== 'running') return undefined;
    if ((await HOLD_LEASE.run(redis, records.leaseKey(id), [me, LEASE_MS])) !== 1) return undefined;
    if (performance.now() >= renewedAt + RENEW_EVERY_MS) {
      await renew(here, record);
      renewedAt = performance.now();
    }
    return record;
  };
  try {
    for (let record = await goesOn(); record; record = await goesOn()) {
      const pace = createPace(record.rate, signal);
      const isSent = await sendAll(here, { record, goesOn: async () => (await goesOn()) !== undefined, pace });
      if (isSent && (await hasEnded(here, record)) && (await records.change(id, ['running'], 'done'))) return;
      await pause(isSent ? LOOK_EVERY_MS : AFTER_ERROR_MS, signal);
    }
  } finally {
    // Whoever looks next need not wait for it to run out. A Redis that is away is not waited for: the lease runs out.
    await within(DROP_LEASE.run(redis, records.leaseKey(id), [me]).catch(() => 0), LOOK_EVERY_MS, 0);
  }
}

async function renew({ redis, prefix, records }: Here, { id, apps }: ReplayRecord): Promise<void> {
  await Promise.all([records.renew(id), ...apps.map((appKey) => renewPart(redis, appKeyBase(prefix, appKey), id))]);
}

interface Sending {
  readonly record: ReplayRecord;
  readonly goesOn: () => Promise<boolean>;
  readonly pace: (sent: number) => Promise<void>;
}

/** Works through the apps in turn. An app that does not answer does not hold up the others. True: nothing is left to be sent. */
async function sendAll(here: Here, sending: Sending): Promise<boolean> {
  let isAll = true;
  for (const appKey of sending.record.apps) {
    try {
      isAll = (await sendApp(here, sending, appKey)) && isAll;
    } catch (error) {
      here.onError(error);
      isAll = false;
    }
  }
  return isAll;
}

async function sendApp({ redis, prefix, appReplay }: Here, { record, goesOn, pace }: Sending, appKey: string): Promise<boolean> {
  const { id, filter, includeExpired, rate } = record;
  const app = appReplay(appKey);
  const limit = Math.max(1, Math.min(MOST_PER_STEP, Math.floor(rate / STEPS_PER_SECOND)));
  let part: Pick<ReplayPart, 'cursor' | 'until' | 'isFinished'> | undefined = await readPart(redis, appKeyBase(prefix, appKey), id);
  while (part && !part.isFinished) {
    if (!(await goesOn())) return false;
    const step = await app.step(part, { id, filter, includeExpired, limit });
    if (step === 'stands') return false;
    part = step === 'elsewhere' ? await readPart(redis, appKeyBase(prefix, appKey), id) : { ...part, ...step };
    await pace(step === 'elsewhere' ? 0 : step.sent);
  }
  return true;
}

/** Whether everything that was sent has ended. */
async function hasEnded({ redis, prefix }: Here, { id, apps }: ReplayRecord): Promise<boolean> {
  const now = await readServerTime(redis);
  for (const appKey of apps) {
    const part = await readPart(redis, appKeyBase(prefix, appKey), id);
    if (part && withLost(part, now).waiting > 0) return false;
  }
  return true;
}

/** Waits after each step as long as the rate asks for. What took longer than it should is not made up for by a burst. */
function createPace(rate: number, signal: AbortSignal): (sent: number) => Promise<void> {
  let dueAt = performance.now();
  return async (sent) => {
    dueAt = Math.max(dueAt + (sent / rate) * 1000, performance.now() - 1000 / STEPS_PER_SECOND);
    const wait = dueAt - performance.now();
    if (wait > 0) await pause(wait, signal);
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
