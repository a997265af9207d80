import type { DispatcherMetrics } from '@reveille/observability';
import type { StatsRecorder } from '@reveille/queue';

/** The same metrics, which count for the admin's overview as well. */
export function countStatistics(metrics: DispatcherMetrics, stats: Omit<StatsRecorder, 'close'>): DispatcherMetrics {
  return {
    ...metrics,
    dispatchEnded(app, end) {
      metrics.dispatchEnded(app, end);
      if (end.outcome === 'delivered' && end.sinceAcceptedMs !== undefined) stats.delivered(app, end.sinceAcceptedMs);
      else stats.count(app, end.outcome);
    },
    providerAnswered(app, answer) {
      metrics.providerAnswered(app, answer);
      stats.answered(app, answer);
    },
    retryPlanned(app, reason) {
      metrics.retryPlanned(app, reason);
      stats.count(app, 'retried');
    },
  };
}
