import type { DispatcherMetrics, Logger } from '@reveille/observability';
import type { AppGate, JobVerdict, UnreadableJob } from '@reveille/queue';

export interface UnreadableDeps {
  readonly appKey: string;
  readonly gate: Pick<AppGate, 'park'>;
  readonly metrics: Pick<DispatcherMetrics, 'dispatchEnded'>;
  readonly logger: Logger;
  readonly now: () => number;
}

/**
 * What becomes of a job whose data give no dispatch. One that is sealed with a key that we lack waits with its whole app: a key
 * is missing from our configuration, nothing is wrong with the push. Its deadline stands in the clear, so that it expires like any
 * other. One that cannot be read, or does not authenticate, never will.
 */
export async function processUnreadable({ reason, envelope }: UnreadableJob, deps: UnreadableDeps): Promise<JobVerdict> {
  const { appKey, gate, metrics, logger, now } = deps;
  const sinceAcceptedMs = envelope ? now() - envelope.acceptedAt : 0;
  const bury = (outcome: 'dead' | 'expired', why: string): JobVerdict => {
    metrics.dispatchEnded(appKey, { outcome, reason: why, sinceAcceptedMs });
    return { kind: 'dead', letter: { outcome, reason: why } };
  };
  switch (reason) {
    case 'sealing-key-unknown':
      if (envelope && envelope.deadline <= now()) return bury('expired', 'deadline');
      if (await gate.park(reason)) {
        logger.error({ app: appKey, reason }, 'app parked: pushes wait that are sealed with a key which privacy.sealing_keys lacks');
      }
      return { kind: 'put-back' };
    case 'tampered':
      logger.error({ app: appKey, device_hash: envelope?.deviceHash }, 'a sealed job that was changed on Redis is a dead letter');
      return bury('dead', reason);
    case 'not-sealed':
      logger.error({ app: appKey, device_hash: envelope?.deviceHash }, 'a job in the clear is a dead letter, since privacy.require_sealed is set');
      return bury('dead', reason);
    case 'unreadable':
      logger.error({ app: appKey }, 'a job that this version cannot read is a dead letter');
      return bury('dead', reason);
    default:
      return reason satisfies never;
  }
}
