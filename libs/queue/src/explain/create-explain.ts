import { z } from 'zod';
import type { RedisClient } from '../connect-redis';
import { createDispatchCodec, type DispatchCodec } from '../dispatch-codec';
import { createQueueFailed } from '../failed/queue-failed';
import { appKeyBase } from '../keyspace';
import { readQueueKeys } from '../partitions/known-partitions';
import { READ_DEVICES, READ_EXTENT, READ_JOBS } from './explain-scripts';
import type { Explain, ExplainRequest, TracedDevice, TracedDispatch } from './explain-types';
import { TRACE } from './trace-lua';
import { readRecords, type TraceRecord } from './trace-records';
import { jobSchema, toTracedDispatch, type TracedJob } from './traced-dispatch';
import { verdictOf } from './verdict';

export interface ExplainOptions {
  readonly redis: RedisClient;
  readonly prefix: string;
  /** Of `settings.explain`: whether, how long (milliseconds) and of how many pushes of an app it is remembered. */
  readonly remembered: { readonly enabled: boolean; readonly keepMs: number; readonly maxPushes: number };
  /** For pushes of which only the failed set still knows. Default: those in the clear only. */
  readonly codec?: DispatchCodec;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Devices of an event that are shown; who looks for one names it. */
export const MAX_DEVICES = 500;
/** Devices, or jobs, that one script looks at. */
const LOOK_AT_ONCE = 50;

const devicesSchema = z.array(z.tuple([z.string(), z.string(), z.array(jobSchema)]));
const extentSchema = z.tuple([z.number(), z.string()]);

/**
 * Looks at what is remembered of an event (see trace-lua.ts), at the jobs of what has not ended, and at the failed set, which
 * remembers longer. Every look is small: an event of a large room may have gone to ten thousand devices.
 */
export function createExplain(options: ExplainOptions): Explain {
  return async (request) => {
    const { appKey, eventHash, deviceHash } = request;
    const keys = await readQueueKeys(options, appKey);
    const places = keys.map((key) => ({ ...options, key, base: appKeyBase(options.prefix, key), of: keys.length }));
    const found = await Promise.all(places.map((place) => lookInto(place, request)));
    const devices = byDevice(found.flatMap(({ known }) => known)).map(toTracedDevice).sort(byAcceptance);
    const shown = devices.slice(0, MAX_DEVICES);
    const findings = {
      appKey,
      eventHash,
      deviceHash: deviceHash ?? null,
      devices: shown,
      keptSince: latest(found.map((one) => one.keptSince)),
      truncated: found.some(({ isMore }) => isMore) || devices.length > shown.length,
    };
    const isElsewhere = shown.length === 0 && deviceHash !== undefined;
    const isKnownForOthers = isElsewhere && (await Promise.all(places.map((place) => isKnown(place, eventHash)))).includes(true);
    return { ...findings, verdict: verdictOf({ ...findings, isKnownForOthers }) };
  };
}

/** One queue of the app. */
interface Place extends ExplainOptions {
  /** Its queue key. */
  readonly key: string;
  readonly base: string;
  /** How many the app has, or had at most. */
  readonly of: number;
}

interface Found {
  readonly known: readonly Known[];
  readonly isMore: boolean;
  readonly keptSince: number | null;
}

async function lookInto(place: Place, request: ExplainRequest): Promise<Found> {
  const { hashes, isMore } = await findDevices(place, request);
  const [remembered, failed, extent] = await Promise.all([
    readRemembered(place, request.eventHash, hashes),
    findFailed(place, request),
    READ_EXTENT.run(place.redis, place.base, []),
  ]);
  return {
    known: await withFailed(place, remembered, failed.devices),
    isMore: isMore || failed.isMore,
    keptSince: keptSince(place, extentSchema.parse(extent)),
  };
}

/** A device has gone to another queue when their number was changed. */
function byDevice(known: readonly Known[]): Known[] {
  const devices = new Map<string, Known>();
  for (const one of known) {
    const { deviceHash } = one;
    const { records = [], dispatches = [] } = devices.get(deviceHash) ?? {};
    devices.set(deviceHash, { deviceHash, records: [...records, ...one.records], dispatches: [...dispatches, ...one.dispatches] });
  }
  return [...devices.values()];
}

/** What is said to be remembered must be so in all queues. */
function latest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length < times.length ? null : Math.max(...known);
}

async function findDevices({ redis, base }: Place, { eventHash, deviceHash }: ExplainRequest): Promise<{ hashes: string[]; isMore: boolean }> {
  if (deviceHash !== undefined) return { hashes: [deviceHash], isMore: false };
  const hashes = new Set<string>();
  let cursor = '0';
  do {
    const [next, pairs] = await redis.hscan(`${base}${TRACE}${eventHash}`, cursor, 'COUNT', MAX_DEVICES);
    // Fields and values in turn.
    for (let i = 0; i < pairs.length; i += 2) hashes.add(pairs[i] ?? '');
    cursor = next;
  } while (cursor !== '0' && hashes.size <= MAX_DEVICES);
  return { hashes: [...hashes].slice(0, MAX_DEVICES), isMore: cursor !== '0' || hashes.size > MAX_DEVICES };
}

/** What is known of a device, while it is being put together. */
interface Known {
  readonly deviceHash: string;
  readonly records: readonly TraceRecord[];
  readonly dispatches: readonly TracedDispatch[];
}

async function readRemembered(place: Place, eventHash: string, hashes: readonly string[]): Promise<Known[]> {
  const known: Known[] = [];
  for (const some of inParts(hashes)) {
    const read = devicesSchema.parse(await READ_DEVICES.run(place.redis, place.base, [eventHash, ...some]));
    known.push(...read.map(([deviceHash, value, jobs]) => toKnown(place, { deviceHash, value, jobs })));
  }
  return known.filter(({ records, dispatches }) => records.length > 0 || dispatches.length > 0);
}

function toKnown({ now, remembered }: Place, read: { readonly deviceHash: string; readonly value: string; readonly jobs: readonly TracedJob[] }): Known {
  const jobs = new Map(read.jobs.map((job) => [job.id, job]));
  // What is too old is forgotten with the next push that comes; what still has a job is known anyway.
  const records = readRecords(read.value).filter(({ id, at }) => {
    const isThere = id !== undefined && jobs.get(id)?.state !== 'gone';
    return isThere || at > now() - remembered.keepMs;
  });
  const dispatches = records.flatMap((record) => {
    const job = record.id === undefined ? undefined : jobs.get(record.id);
    return job ? [toTracedDispatch(job, record)] : [];
  });
  return { deviceHash: read.deviceHash, records, dispatches };
}

interface FailedDevices {
  /** By the id of the failed push. */
  readonly devices: ReadonlyMap<string, string>;
  readonly isMore: boolean;
}

/** Failed pushes of the event, with the hashes of their devices. */
async function findFailed({ redis, prefix, codec, key }: Place, { eventHash, deviceHash }: ExplainRequest): Promise<FailedDevices> {
  const failed = createQueueFailed({ redis, prefix, key, codec: codec ?? createDispatchCodec() });
  const filter = { eventHash, ...(deviceHash !== undefined && { deviceHash }) };
  const places = await failed.newestFirst(filter, { before: undefined, limit: MAX_DEVICES + 1 });
  const items = await failed.items(places.slice(0, MAX_DEVICES).map(({ id }) => id));
  return {
    devices: new Map(items.flatMap((item) => (item.deviceHash === undefined ? [] : [[item.id, item.deviceHash]]))),
    isMore: places.length > MAX_DEVICES,
  };
}

/** Adds those failed pushes of which nothing else is remembered. */
async function withFailed({ redis, base }: Place, remembered: readonly Known[], failed: ReadonlyMap<string, string>): Promise<Known[]> {
  const known = new Set(remembered.flatMap(({ dispatches }) => dispatches.map(({ id }) => id)));
  const devices = new Map(remembered.map((device) => [device.deviceHash, device]));
  for (const some of inParts([...failed.keys()].filter((id) => !known.has(id)))) {
    for (const job of z.array(jobSchema).parse(await READ_JOBS.run(redis, base, some))) {
      const deviceHash = failed.get(job.id) ?? '';
      const { records = [], dispatches = [] } = devices.get(deviceHash) ?? {};
      devices.set(deviceHash, { deviceHash, records, dispatches: [...dispatches, toTracedDispatch(job)] });
    }
  }
  return [...devices.values()];
}

function toTracedDevice({ deviceHash, records, dispatches }: Known): TracedDevice {
  const accepted = records.filter(({ id }) => id !== undefined);
  const told = records.filter(({ id }) => id === undefined).map(({ at, lastAgainAt = at }) => lastAgainAt);
  const count = accepted.reduce((sum, { again }) => sum + again, 0);
  return {
    deviceHash,
    dispatches: [...dispatches].sort((a, b) => (a.acceptedAt ?? 0) - (b.acceptedAt ?? 0)),
    duplicates: count === 0 ? null : { count, lastAt: Math.max(...accepted.map(({ at, lastAgainAt = at }) => lastAgainAt)) },
    toldRejectedAt: told.length > 0 ? Math.max(...told) : null,
  };
}

function byAcceptance(a: TracedDevice, b: TracedDevice): number {
  const first = ({ dispatches, toldRejectedAt }: TracedDevice): number => dispatches[0]?.acceptedAt ?? toldRejectedAt ?? 0;
  return first(a) - first(b) || (a.deviceHash < b.deviceHash ? -1 : 1);
}

function keptSince({ remembered, now, of }: Place, [length, oldest]: z.output<typeof extentSchema>): number | null {
  if (!remembered.enabled) return null;
  const since = now() - remembered.keepMs;
  // While there is room nothing was forgotten but for its age; each queue has its share of it.
  if (length < Math.ceil(remembered.maxPushes / of)) return since;
  return Math.max(since, Number(oldest.slice(oldest.lastIndexOf(':') + 1)));
}

async function isKnown({ redis, base }: Place, eventHash: string): Promise<boolean> {
  return (await redis.exists(`${base}${TRACE}${eventHash}`)) === 1;
}

function inParts<Item>(items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / LOOK_AT_ONCE) }, (_, index) =>
    items.slice(index * LOOK_AT_ONCE, (index + 1) * LOOK_AT_ONCE),
  );
}
