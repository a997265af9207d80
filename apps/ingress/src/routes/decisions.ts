import type { IngressMetrics } from '@reveille/observability';
import type { DeviceDecision } from '@reveille/relay';

/** A log line stays a line. */
const MAX_LOGGED_DEVICES = 5;

/** What the log says of the devices of a request. */
export function summarizeDecisions(decisions: readonly DeviceDecision[]) {
  const numberOf = (decision: DeviceDecision['decision']): number =>
    decisions.filter((each) => each.decision === decision).length;
  return {
    devices: decisions.length,
    deviceHashes: decisions.slice(0, MAX_LOGGED_DEVICES).map(({ deviceHash }) => deviceHash),
    accepted: numberOf('accepted'),
    duplicates: numberOf('duplicate'),
  };
}

export interface CountDecisionsDeps {
  readonly metrics: IngressMetrics;
  readonly onRemovedApp: (appKey: string) => void;
  /** Whether the answer's `rejected` is read: in another answer than 200 nobody does. */
  readonly isTold: boolean;
}

/** Counts what became of the devices of a request. */
export function countDecisions(decisions: readonly DeviceDecision[], deps: CountDecisionsDeps): void {
  const { metrics, onRemovedApp, isTold } = deps;
  for (const { decision, appKey = '', kind } of decisions) {
    if (appKey !== '' && decision !== 'removed-app') metrics.devicesReceived(appKey);
    switch (decision) {
      case 'accepted':
        metrics.dispatchAccepted(appKey, kind);
        break;
      case 'duplicate':
        metrics.duplicate(appKey);
        break;
      case 'known-rejection':
        if (isTold) metrics.rejectionTold(appKey);
        break;
      case 'queue-full':
        metrics.queueFull(appKey);
        break;
      case 'limited':
        // Counted where the limit is.
        break;
      case 'removed-app':
        onRemovedApp(appKey);
        break;
      case 'unknown-app':
        metrics.unknownApp('none');
        break;
      case 'ambiguous-app':
        metrics.unknownApp('ambiguous');
        break;
      default:
        decision satisfies never;
    }
  }
}
