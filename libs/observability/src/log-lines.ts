import type { AnswerSample, FinalOutcome } from './dispatcher-metrics';
import type { Logger } from './logger';

/** The one line of a notify request. */
export interface RequestLine {
  readonly requestId: string;
  /** The address that the request came from: a homeserver's. */
  readonly source?: string;
  /** HTTP status; absent: the client left before the answer. */
  readonly status?: number;
  /** How many devices the request named, and what became of them; absent if it was not valid. */
  readonly devices?: number;
  readonly accepted?: number;
  readonly duplicates?: number;
  readonly rejected?: number;
  /** Keyed hashes of the first few devices: the thread from a request to the ends of its dispatches. */
  readonly deviceHashes?: readonly string[];
  readonly durationMs: number;
  /** Why it was refused: an error code of ours, never the text of the request. */
  readonly reason?: string;
}

/** The one line of a dispatch that has ended. */
export interface OutcomeLine {
  readonly dispatchId: string;
  /** Keyed hash of (app_id, pushkey); absent: nothing is left of the dispatch that would tell. */
  readonly deviceHash?: string;
  /** The configured app, exact or glob. */
  readonly app: string;
  readonly outcome: FinalOutcome;
  readonly reason: string;
  readonly attempts: number;
  /** Absent: as above. */
  readonly sinceAcceptedMs?: number;
  /** What the provider said last, if it was asked. */
  readonly answer?: AnswerSample;
}

/** Every request has one line, whatever its answer; a 5xx is ours to mend and so a warning. */
export function logRequest(logger: Logger, line: RequestLine): void {
  const level = line.status !== undefined && line.status >= 500 ? 'warn' : 'info';
  logger[level](
    {
      request_id: line.requestId,
      source: line.source,
      status: line.status ?? 'aborted',
      devices: line.devices,
      accepted: line.accepted,
      duplicates: line.duplicates,
      rejected: line.rejected,
      device_hashes: line.deviceHashes,
      duration_ms: milliseconds(line.durationMs),
      reason: line.reason,
    },
    'notify',
  );
}

/** Every accepted dispatch has one line when it has ended; a dead letter wants a look and so is a warning. */
export function logOutcome(logger: Logger, line: OutcomeLine): void {
  const level = line.outcome === 'dead' ? 'warn' : 'info';
  logger[level](
    {
      dispatch_id: line.dispatchId,
      device_hash: line.deviceHash,
      app: line.app,
      outcome: line.outcome,
      reason: line.reason,
      attempts: line.attempts,
      since_accepted_ms: line.sinceAcceptedMs === undefined ? undefined : milliseconds(line.sinceAcceptedMs),
      provider_status: line.answer?.status,
      provider_reason: line.answer?.reason,
      provider_ms: line.answer && milliseconds(line.answer.latencyMs),
    },
    'dispatch ended',
  );
}

/** Microseconds are enough. */
function milliseconds(value: number): number {
  return Math.round(value * 1000) / 1000;
}
