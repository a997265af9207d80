import type { IngressMetrics } from '@reveille/observability';
import type { StatsRecorder } from '@reveille/queue';

/** The same metrics, which count for the admin's overview as well. */
export function countStatistics(metrics: IngressMetrics, stats: Pick<StatsRecorder, 'count'>): IngressMetrics {
  return {
    ...metrics,
    dispatchAccepted(app, kind) {
      metrics.dispatchAccepted(app, kind);
      stats.count(app, 'accepted');
    },
    duplicate(app) {
      metrics.duplicate(app);
      stats.count(app, 'duplicates');
    },
    rejectionTold(app) {
      metrics.rejectionTold(app);
      stats.count(app, 'told');
    },
  };
}

/** The same metrics, and how many requests are under way. */
export function countInFlight(metrics: IngressMetrics): { readonly metrics: IngressMetrics; readonly inFlight: () => number } {
  let underWay = 0;
  return {
    inFlight: () => underWay,
    metrics: {
      ...metrics,
      requestStarted() {
        const ended = metrics.requestStarted();
        underWay++;
        return (status, durationMs) => {
          underWay--;
          ended(status, durationMs);
        };
      },
    },
  };
}
