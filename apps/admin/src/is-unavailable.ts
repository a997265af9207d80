import { describeRedisFailure } from '@reveille/queue';

/** What a Redis says that will take the command later, and how connections to it fail (see describeRedisFailure). */
const UNAVAILABLE =
  /^(?:OOM|READONLY|LOADING|CLUSTERDOWN|MASTERDOWN|MOVED|ASK|TRYAGAIN|NOREPLICAS|MISCONF|BUSY|UNKILLABLE|NOAUTH|not connected|E[A-Z]{4,}|MaxRetriesPerRequestError|ClusterAllFailedError|AbortError|redis_\w+)$/;
/** An error may have several causes in a row; none has so many. */
const MAX_CAUSES = 5;

/** Whether an error means that Redis cannot be used now, rather than a fault of ours. */
export function isUnavailable(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; depth < MAX_CAUSES && cause !== undefined; depth++) {
    if (UNAVAILABLE.test(describeRedisFailure(cause))) return true;
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return error instanceof Error && error.message.startsWith('Redis does not answer');
}
