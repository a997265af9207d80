import type { IngressMetrics } from '@reveille/observability';
import type { AcceptDeps, Admission, AdmissionVerdict, EnqueueResult } from '@reveille/relay';
import type { QueueShare } from './queue-share';
import type { RateLimits } from './rate-limits';

type EnqueueDispatches = AcceptDeps['enqueueDispatches'];

export interface AdmissionLimits {
  readonly enqueueDispatches: EnqueueDispatches;
  readonly share: Pick<QueueShare, 'isActive' | 'mayEnter'>;
  /** The queue that a device's pushes go to. */
  readonly queueOf: (appKey: string, deviceHash: string) => string;
  readonly pushkeyRate: RateLimits['pushkey'];
  /** How soon a sender that has had its share of a queue is to come again, in milliseconds. */
  readonly retryAfterMs: () => number;
  readonly metrics: Pick<IngressMetrics, 'limited'>;
}

/**
 * The admission for one source: what a limit holds back is not queued, all else of the request is. Without a limit that
 * applies it is the admission itself.
 */
export function limitAdmissions(limits: AdmissionLimits): (source: string) => EnqueueDispatches {
  const { enqueueDispatches, share, pushkeyRate, metrics } = limits;
  const queueOf = ({ appKey, dispatch }: Admission): string => limits.queueOf(appKey, dispatch.deviceHash);
  /** One lot for all devices of a request: with one for each, a request with many would hardly ever be taken as a whole. */
  const refusedQueues = (admissions: readonly Admission[], source: string): Set<string> => {
    const pushes = new Map<string, number>();
    for (const admission of admissions) pushes.set(queueOf(admission), (pushes.get(queueOf(admission)) ?? 0) + 1);
    return new Set([...pushes].flatMap(([queue, count]) => (share.mayEnter(queue, source, count) ? [] : [queue])));
  };
  /** A limit counts pushes: a duplicate is none, nor is one that a full queue did not take. */
  const giveBack = (entered: readonly Admission[], enqueued: EnqueueResult): void => {
    for (const [index, admission] of entered.entries()) {
      if (!enqueued.ok || enqueued.verdicts[index] !== 'accepted') pushkeyRate?.giveBack(queueOf(admission), admission.dispatch.deviceHash);
    }
  };
  return (source) => {
    if (!pushkeyRate && !share.isActive()) return enqueueDispatches;
    /** Milliseconds to wait; undefined: it may enter. */
    const judge = async (admission: Admission, refused: ReadonlySet<string>): Promise<number | undefined> => {
      const queue = queueOf(admission);
      if (refused.has(queue)) {
        metrics.limited('queue_share');
        return limits.retryAfterMs();
      }
      // After the share: a push that does not enter uses nothing up.
      const waitMs = await pushkeyRate?.take(queue, admission.dispatch.deviceHash);
      if (waitMs !== undefined) metrics.limited('pushkey_rate');
      return waitMs;
    };
    return async (admissions) => {
      const refused = refusedQueues(admissions, source);
      const waits = await Promise.all(admissions.map((admission) => judge(admission, refused)));
      const entering = admissions.filter((_, index) => waits[index] === undefined);
      const enqueued = entering.length > 0 ? await enqueueDispatches(entering) : { ok: true as const, verdicts: [] };
      giveBack(entering, enqueued);
      if (!enqueued.ok || entering.length === admissions.length) return enqueued;
      const verdicts = enqueued.verdicts.values();
      return {
        ok: true,
        verdicts: waits.map((wait): AdmissionVerdict => (wait === undefined ? (verdicts.next().value ?? 'queue-full') : 'limited')),
        retryAfterMs: Math.max(...waits.filter((wait) => wait !== undefined)),
      };
    };
  };
}
