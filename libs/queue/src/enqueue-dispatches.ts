import type { Notification } from '@reveille/notification';
import { within } from '@reveille/observability';
import type { Dispatch } from '@reveille/provider';
import { setImmediate } from 'node:timers/promises';
import type { RedisClient } from './connect-redis';
import { BATCH, createAdmissionBatches, type AdmissionGroup, type OnFill, type Verdict } from './admission-batches';
import { admissionScript, type AdmissionGuard } from './admission-script';
import { createDispatchCodec, type DispatchCodec } from './dispatch-codec';
import { appKeyBase, appOfQueue } from './keyspace';
import { queueOfDevice } from './partitions/partition-of';
import { describeRedisFailure } from './redis-failure';
import { replicatedScript } from './replicated-script';
import { createScript } from './script';

/** A dispatch on its way into an app's queue. */
export interface AdmissionRequest {
  readonly dispatch: Dispatch;
  readonly appKey: string;
  /** The same for a resend of the same event to the same device; absent: never a duplicate. */
  readonly duplicateKey?: string;
}

export type EnqueueResult =
  | { readonly ok: true; readonly verdicts: readonly Verdict[] }
  | { readonly ok: false; readonly reason: 'unavailable' | 'too-large'; readonly detail: string };

/** Past either one nothing more is accepted for the app. */
export interface QueueLimit {
  /** Jobs, waiting and delayed together. */
  readonly count: number;
  /** Of the oldest waiting one, in milliseconds; 0: any. */
  readonly ageMs: number;
}

export interface EnqueueOptions {
  /** A producer's connection: one that fails at once when Redis is away (see connect-redis.ts). */
  readonly redis: RedisClient;
  readonly prefix: string;
  readonly guard: AdmissionGuard;
  /** How jobs are written; default: in the clear. */
  readonly codec?: DispatchCodec;
  /** How long a resend of an event is a duplicate, in milliseconds. */
  readonly duplicateWindowMs: number;
  /**
   * How many partitions an app has. They must have been noted (see partitions/known-partitions.ts), or nobody looks after what is put
   * there. Default 1.
   */
  readonly partitions?: (appKey: string) => number;
  /** What may wait in all queues of an app together; each has its share. */
  readonly queueLimit: (appKey: string) => QueueLimit;
  /** Told how full the queues are that were written to, by queue key: waiting jobs by their limit. */
  readonly onFill?: OnFill;
  /** The longest life of an update of the counts, in milliseconds: so long is the newest one remembered. */
  readonly countsMaxAgeMs: (appKey: string) => number;
  /** Whether, and for how long (milliseconds) and how many pushes of an app, it is remembered what became of them. Default: not. */
  readonly explain?: { readonly keepMs: number; readonly maxPushes: number; readonly ingress: string };
  /** How many replicas must have an admission before it is acknowledged. Default 0. */
  readonly waitForReplicas?: number;
  /** When Redis has not confirmed by then (milliseconds), the request is answered 503. */
  readonly timeoutMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Most bytes that one request may make of itself in Redis: the event is written once for each device. */
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;
/** Of the timeout: for the replicas, the rest is for Redis itself. */
const REPLICAS_SHARE = 0.5;
/** Requests that may wait for Redis at once; it serves thousands within the timeout, so past that it does not serve. */
const MAX_PENDING = 4096;

/**
 * Step 3 of a notification's way: one Redis round trip for each queue of the request, shared with the requests that came at
 * the same time. All or none in this sense: the answer is `ok` only when Redis confirmed every write, and after a failure the homeserver's resend finds what had been written
 * as duplicates. Never throws.
 */
export function createEnqueueDispatches(
  options: EnqueueOptions,
): (admissions: readonly AdmissionRequest[]) => Promise<EnqueueResult> {
  const script = replicatedScript(createScript(admissionScript(options.guard)), {
    replicas: options.waitForReplicas ?? 0,
    timeoutMs: options.timeoutMs * REPLICAS_SHARE,
  });
  // A bar or a newline would end its place in a record (see trace-lua.ts).
  const trace = options.explain && { ...options.explain, ingress: options.explain.ingress.replace(/[^\w.:-]/g, '_') };
  const { partitions = () => 1 } = options;
  const admit = createAdmissionBatches((queue, args) => {
    const { redis, prefix, now, duplicateWindowMs, queueLimit, countsMaxAgeMs } = options;
    const appKey = appOfQueue(queue);
    const limit = queueLimit(appKey);
    const share = (all: number): number => Math.ceil(all / partitions(appKey));
    const { keepMs = 1, maxPushes = 0, ingress = '' } = trace ?? {};
    const head = [now(), duplicateWindowMs, share(limit.count), limit.ageMs, countsMaxAgeMs(appKey), keepMs, share(maxPushes), ingress];
    return script.run(redis, appKeyBase(prefix, queue), [...head, ...args]);
  }, options.onFill ?? (() => undefined));
  const codec = options.codec ?? createDispatchCodec();
  let pending = 0;
  return async (admissions) => {
    // Each waiting request holds its jobs: a Redis that hangs must not fill this process.
    if (pending >= MAX_PENDING) return { ok: false, reason: 'unavailable', detail: 'too many waiting for Redis' };
    const encode = encoderOf(admissions, codec);
    if (encode === undefined) return { ok: false, reason: 'too-large', detail: 'the event times the devices' };
    const groups = groupsByQueue(admissions, partitions);
    pending++;
    const admitted = admitInTurns(groups, (group) => admit(toAdmissionGroup(group, encode))).finally(() => pending--);
    try {
      const replies = await within(admitted, options.timeoutMs, undefined);
      if (replies === undefined) return { ok: false, reason: 'unavailable', detail: 'timeout' };
      return { ok: true, verdicts: inOrderOf(admissions, groups, replies) };
    } catch (error) {
      return { ok: false, reason: 'unavailable', detail: describeRedisFailure(error) };
    }
  };
}

/** A batch is some milliseconds of work, more when its jobs are sealed: between two of them other requests have their turn. */
async function admitInTurns<R>(groups: readonly Group[], admit: (group: Group) => Promise<R>): Promise<R[]> {
  const admitted: Promise<R>[] = [];
  for (const [index, group] of groups.entries()) {
    if (index > 0) await setImmediate();
    const one = admit(group);
    // It may fail before the others have begun, when nobody looks at it yet.
    one.catch(() => undefined);
    admitted.push(one);
  }
  return Promise.all(admitted);
}

type Encode = (appKey: string, dispatch: Dispatch) => string;

/** Encodes the event, which all devices of a request share, once; undefined when the copies would be too large. */
function encoderOf(admissions: readonly AdmissionRequest[], codec: DispatchCodec): Encode | undefined {
  const encoded = new Map<Omit<Notification, 'devices'>, string>();
  let bytes = 0;
  for (const { dispatch } of admissions) {
    let text = encoded.get(dispatch.notification);
    if (text === undefined) {
      text = JSON.stringify(dispatch.notification);
      encoded.set(dispatch.notification, text);
    }
    bytes += Buffer.byteLength(text);
    if (bytes > MAX_REQUEST_BYTES) return undefined;
  }
  return (appKey, dispatch) => codec.encode(appKey, dispatch, encoded.get(dispatch.notification));
}

interface Group {
  /** The queue key. */
  readonly queue: string;
  readonly admissions: readonly AdmissionRequest[];
}

function groupsByQueue(admissions: readonly AdmissionRequest[], partitions: (appKey: string) => number): Group[] {
  const queueOf = ({ appKey, dispatch }: AdmissionRequest): string => queueOfDevice(appKey, dispatch.deviceHash, partitions(appKey));
  const [first] = admissions;
  if (admissions.length === 1 && first) return [{ queue: queueOf(first), admissions }];
  const queues = new Map<string, AdmissionRequest[]>();
  for (const admission of admissions) {
    const queue = queueOf(admission);
    const ofQueue = queues.get(queue);
    if (ofQueue) ofQueue.push(admission);
    else queues.set(queue, [admission]);
  }
  return [...queues].flatMap(([queue, all]) =>
    Array.from({ length: Math.ceil(all.length / BATCH) }, (_, index) => ({
      queue,
      admissions: all.slice(index * BATCH, (index + 1) * BATCH),
    })),
  );
}

function toAdmissionGroup({ queue, admissions }: Group, encode: Encode): AdmissionGroup {
  const appKey = appOfQueue(queue);
  const args: (string | number)[] = [];
  for (const { dispatch, duplicateKey } of admissions) {
    const { id, kind, deviceHash, deadline, device, notification, eventHash = '' } = dispatch;
    const pushkeyTsMs = (device.pushkeyTs ?? 0) * 1000;
    args.push(id, encode(appKey, dispatch), notification.priority, duplicateKey ?? '');
    args.push(deviceHash, pushkeyTsMs, kind, deadline, eventHash);
  }
  return { queue, size: admissions.length, args };
}

function inOrderOf(
  admissions: readonly AdmissionRequest[],
  groups: readonly Group[],
  replies: readonly (readonly Verdict[])[],
): Verdict[] {
  const verdicts = new Map<AdmissionRequest, Verdict>();
  for (const [index, group] of groups.entries()) {
    for (const [position, admission] of group.admissions.entries()) {
      const verdict = replies[index]?.[position];
      if (verdict) verdicts.set(admission, verdict);
    }
  }
  // One without a verdict is not acknowledged.
  return admissions.map((admission) => verdicts.get(admission) ?? 'queue-full');
}
