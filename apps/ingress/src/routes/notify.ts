import { logRequest, requestId, type IngressMetrics, type LimitReason, type Logger } from '@reveille/observability';
import { parseNotifyRequest, type Notification } from '@reveille/notification';
import type { AcceptResult, DeviceDecision } from '@reveille/relay';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BodyBudget, BodyHold } from '../body-budget';
import { REFUSED, type FairScheduler } from '../fair-scheduler';
import type { RateLimits } from '../rate-limits';
import { isAnnouncedTooLarge, readBody, type Body } from '../read-body';
import { sourceKey } from '@reveille/role';
import { countDecisions, summarizeDecisions } from './decisions';
import { limitExceeded, matrixError, respond, type Answer } from './respond';

export const NOTIFY_PATH = '/_matrix/push/v1/notify';

export interface NotifyDeps {
  /** Bytes. */
  readonly bodyLimit: number;
  /** Step 2, wired. `source` is the sender as limits and turns count it. */
  readonly accept: (notification: Notification, source: string) => Promise<AcceptResult>;
  readonly isDraining: () => boolean;
  /** Where a request comes from, for its log line: a homeserver's address. */
  readonly sourceOf: (request: IncomingMessage) => string;
  readonly scheduler: FairScheduler;
  readonly bodyBudget: BodyBudget;
  readonly sourceRate: RateLimits['source'];
  /** How soon a sender that was refused for our load is to come again, in milliseconds; not all at once. */
  readonly retryAfterMs: () => number;
  /** Calls back after a while: a sender that repeats at once what was refused is not to keep us busy with refusing. */
  readonly later: (answer: () => void) => void;
  /** A push of an app was dropped that was removed from the configuration. */
  readonly onRemovedApp: (appKey: string) => void;
  readonly metrics: IngressMetrics;
  readonly logger: Logger;
}

/** What the log and the metrics say of a request beside its answer. */
interface Handled {
  readonly answer: Answer;
  readonly reason?: string;
  /** Why it is answered 429, if one limit says so for the whole request. */
  readonly limit?: LimitReason;
  readonly decisions?: readonly DeviceDecision[];
  /** How many pushkeys the answer names. */
  readonly rejected?: number;
}

/** One request on its way. */
interface Arrival {
  readonly request: IncomingMessage;
  /** Who sends, as limits and turns count it. */
  readonly source: string;
  readonly hold: BodyHold;
  /** See HttpServerOptions.onRequest. */
  readonly beforeBody: () => void;
  readonly onComplete: () => void;
}

/**
 * `POST /_matrix/push/v1/notify` as a plain request handler in front of Express: this is the one route that thousands of
 * homeservers call, and Express with its body parser carries a sixth of what a plain handler does.
 */
export function createNotifyHandler(deps: NotifyDeps) {
  return (request: IncomingMessage, response: ServerResponse, beforeBody: () => void): void => {
    // From the last byte of the request on: a slow client is not our slowness.
    let startedAt = performance.now();
    const ended = deps.metrics.requestStarted();
    const id = requestId(request.headers['x-request-id']);
    const address = deps.sourceOf(request);
    const source = sourceKey(address);
    const hold = deps.bodyBudget.hold(source);
    const onComplete = (): void => {
      startedAt = performance.now();
    };
    receive({ request, source, hold, beforeBody, onComplete }, deps)
      .catch((error: unknown): Handled => {
        deps.logger.error({ request_id: id, error }, 'notify failed');
        return { answer: matrixError(500, 'M_UNKNOWN', 'Internal error'), reason: 'internal' };
      })
      .then((handled) => {
        hold.release();
        const durationMs = performance.now() - startedAt;
        ended(handled?.answer.status ?? 'aborted', durationMs);
        logRequest(deps.logger, { requestId: id, source: address, durationMs, ...summary(handled) });
        if (!handled) return;
        count(handled, deps);
        const answer = (): void =>
          respond(response, handled.answer, {
            'x-request-id': id,
            ...(handled.answer.status === 503 && { 'retry-after': '5' }),
            ...(deps.isDraining() && { connection: 'close' }),
          });
        if (handled.limit !== undefined && !deps.isDraining()) deps.later(answer);
        else answer();
      })
      // Nobody else would see a fault in the lines above; it must not end the process.
      .catch((error: unknown) => {
        deps.logger.error({ request_id: id, error }, 'notify failed');
        response.destroy();
      });
  };
}

/** Resolves with undefined when the client left before its request was complete. */
async function receive(arrival: Arrival, deps: NotifyDeps): Promise<Handled | undefined> {
  const { request, source, hold } = arrival;
  // Nothing of these is read: the server throws their bodies away.
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') return unsupportedEncoding();
  if (isAnnouncedTooLarge(request, deps.bodyLimit)) return bodyTooLarge(deps);
  if (deps.scheduler.isOverShare(source)) return limited('in_flight', deps.retryAfterMs());

  arrival.beforeBody();
  const body = await readBody(request, deps.bodyLimit, hold);
  arrival.onComplete();
  return handle(body, source, deps);
}

async function handle(body: Body, source: string, deps: NotifyDeps): Promise<Handled | undefined> {
  switch (body.kind) {
    case 'aborted':
      return undefined;
    case 'too-large':
      return bodyTooLarge(deps);
    case 'over-budget':
      return limited('body_budget', deps.retryAfterMs());
    case 'not-utf8':
      return { answer: matrixError(400, 'M_NOT_JSON', 'The body is not UTF-8'), reason: 'M_NOT_JSON' };
    case 'complete': {
      const handled = await deps.scheduler.run(source, () => takeTurn(body.text, source, deps));
      return handled === REFUSED ? limited('in_flight', deps.retryAfterMs()) : handled;
    }
    default:
      return body satisfies never;
  }
}

async function takeTurn(text: string, source: string, deps: NotifyDeps): Promise<Handled> {
  const waitMs = deps.sourceRate && (await deps.sourceRate(source));
  return waitMs === undefined ? decide(text, source, deps) : limited('source_rate', waitMs);
}

async function decide(text: string, source: string, deps: NotifyDeps): Promise<Handled> {
  const parsed = parseNotifyRequest(text);
  if (!parsed.ok) {
    const status = parsed.errcode === 'M_TOO_LARGE' ? 413 : 400;
    return { answer: matrixError(status, parsed.errcode, parsed.error), reason: parsed.errcode };
  }
  const result = await deps.accept(parsed.notification, source);
  if (result.ok) {
    const { rejected, decisions } = result;
    return { answer: { status: 200, body: { rejected } }, decisions, rejected: rejected.length };
  }
  switch (result.reason) {
    case 'queue-full':
      return {
        answer: matrixError(503, 'M_LIMIT_EXCEEDED', 'This app takes no more pushes for now; send it again later'),
        reason: 'queue-full',
        decisions: result.decisions,
      };
    case 'limited':
      return {
        answer: limitExceeded('Too many pushes; send it again later', result.retryAfterMs ?? deps.retryAfterMs()),
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

function bodyTooLarge({ bodyLimit }: NotifyDeps): Handled {
  return tooLarge(`The body is longer than ${bodyLimit} bytes`);
}

function limited(limit: LimitReason, retryAfterMs: number): Handled {
  return { answer: limitExceeded('Too many requests; send it again later', retryAfterMs), reason: `limited: ${limit}`, limit };
}

/** No homeserver compresses, and unpacking strangers' bytes would make every limit on them a limit on something else. */
function unsupportedEncoding(): Handled {
  const answer = matrixError(415, 'M_UNKNOWN', 'The body must not be compressed');
  // RFC 9110, 12.5.3: what would be accepted.
  return { answer: { ...answer, headers: { 'accept-encoding': 'identity' } }, reason: 'content-encoding' };
}

function summary(handled: Handled | undefined) {
  return {
    ...(handled && { status: handled.answer.status }),
    ...(handled?.reason !== undefined && { reason: handled.reason }),
    ...(handled?.decisions && { ...summarizeDecisions(handled.decisions), rejected: handled.rejected ?? 0 }),
  };
}

function count({ decisions, answer, limit }: Handled, { metrics, onRemovedApp }: NotifyDeps): void {
  if (limit !== undefined) metrics.limited(limit);
  if (decisions) countDecisions(decisions, { metrics, onRemovedApp, isTold: answer.status === 200 });
}
