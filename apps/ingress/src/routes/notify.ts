import { logRequest, requestId, type IngressMetrics, type Logger } from '@reveille/observability';
import { parseNotifyRequest, type Notification } from '@reveille/notification';
import type { AcceptResult, DeviceDecision } from '@reveille/relay';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody, type Body } from '../read-body';
import { matrixError, respond, type Answer } from './respond';

export const NOTIFY_PATH = '/_matrix/push/v1/notify';

/** A log line stays a line. */
const MAX_LOGGED_DEVICES = 5;

export interface NotifyDeps {
  /** Bytes. */
  readonly bodyLimit: number;
  /** Step 2, wired. */
  readonly accept: (notification: Notification) => Promise<AcceptResult>;
  readonly isDraining: () => boolean;
  /** Where a request comes from, for its log line: a homeserver's address. */
  readonly sourceOf: (request: IncomingMessage) => string;
  readonly metrics: IngressMetrics;
  readonly logger: Logger;
}

/** What the log and the metrics say of a request beside its answer. */
interface Handled {
  readonly answer: Answer;
  readonly reason?: string;
  readonly decisions?: readonly DeviceDecision[];
  /** How many pushkeys the answer names. */
  readonly rejected?: number;
}

/**
 * `POST /_matrix/push/v1/notify` as a plain request handler in front of Express: this is the one route that thousands of
 * homeservers call, and Express with its body parser carries a sixth of what a plain handler does.
 */
export function createNotifyHandler(deps: NotifyDeps) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    // From the last byte of the request on: a slow client is not our slowness.
    let startedAt = performance.now();
    const ended = deps.metrics.requestStarted();
    const id = requestId(request.headers['x-request-id']);
    readBody(request, deps.bodyLimit)
      .then((body) => {
        startedAt = performance.now();
        return handle(body, deps);
      })
      .catch((error: unknown): Handled => {
        deps.logger.error({ request_id: id, error }, 'notify failed');
        return { answer: matrixError(500, 'M_UNKNOWN', 'Internal error'), reason: 'internal' };
      })
      .then((handled) => {
        const durationMs = performance.now() - startedAt;
        ended(handled?.answer.status ?? 'aborted', durationMs);
        logRequest(deps.logger, { requestId: id, source: deps.sourceOf(request), durationMs, ...summary(handled) });
        if (!handled) return;
        count(handled, deps.metrics);
        respond(response, handled.answer, {
          'x-request-id': id,
          ...(handled.answer.status === 503 && { 'retry-after': '5' }),
          ...(deps.isDraining() && { connection: 'close' }),
        });
      })
      // Nobody else would see a fault in the lines above; it must not end the process.
      .catch((error: unknown) => {
        deps.logger.error({ request_id: id, error }, 'notify failed');
        response.destroy();
      });
  };
}

/** Resolves with undefined when the client left before its request was complete. */
async function handle(body: Body, deps: NotifyDeps): Promise<Handled | undefined> {
  switch (body.kind) {
    case 'aborted':
      return undefined;
    case 'too-large':
      return tooLarge(`The body is longer than ${deps.bodyLimit} bytes`);
    case 'complete':
      return decide(body.text, deps);
    default:
      return body satisfies never;
  }
}

async function decide(text: string, deps: NotifyDeps): Promise<Handled> {
  const parsed = parseNotifyRequest(text);
  if (!parsed.ok) {
    const status = parsed.errcode === 'M_TOO_LARGE' ? 413 : 400;
    return { answer: matrixError(status, parsed.errcode, parsed.error), reason: parsed.errcode };
  }
  const result = await deps.accept(parsed.notification);
  if (result.ok) {
    const { rejected, decisions } = result;
    return { answer: { status: 200, body: { rejected } }, decisions, rejected: rejected.length };
  }
  switch (result.reason) {
    case 'queue-full':
      return {
        answer: matrixError(503, 'M_LIMIT_EXCEEDED', 'Too many pushes of this app are waiting; send it again later'),
        reason: 'queue-full',
        decisions: result.decisions,
      };
    case 'limited':
      return {
        answer: matrixError(429, 'M_LIMIT_EXCEEDED', 'Too many pushes; send it again later'),
        reason: 'limited',
        decisions: result.decisions,
      };
    case 'unavailable':
      return {
        answer: matrixError(503, 'M_UNKNOWN', 'The push could not be queued; send it again later'),
        reason: `unavailable: ${result.detail}`,
      };
    case 'too-large':
      return tooLarge('The event is too large for so many devices');
    default:
      return result satisfies never;
  }
}

function tooLarge(error: string): Handled {
  return { answer: matrixError(413, 'M_TOO_LARGE', error), reason: 'M_TOO_LARGE' };
}

function summary(handled: Handled | undefined) {
  const decisions = handled?.decisions;
  const numberOf = (decision: DeviceDecision['decision']): number =>
    decisions?.filter((each) => each.decision === decision).length ?? 0;
  return {
    ...(handled && { status: handled.answer.status }),
    ...(handled?.reason !== undefined && { reason: handled.reason }),
    ...(decisions && {
      devices: decisions.length,
      deviceHashes: decisions.slice(0, MAX_LOGGED_DEVICES).map(({ deviceHash }) => deviceHash),
      accepted: numberOf('accepted'),
      duplicates: numberOf('duplicate'),
      rejected: handled.rejected ?? 0,
    }),
  };
}

function count({ decisions = [], answer }: Handled, metrics: IngressMetrics): void {
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
        // In another answer nobody reads it.
        if (answer.status === 200) metrics.rejectionTold(appKey);
        break;
      case 'queue-full':
        metrics.queueFull(appKey);
        break;
      // Counted where the limit is.
      case 'limited':
        break;
      case 'removed-app':
        metrics.removedApp(appKey);
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
