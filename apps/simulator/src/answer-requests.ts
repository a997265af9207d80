import type { StatusAnswer } from './command';
import type { CommandBook } from './command-book';
import type { ReceivedEntry, ReceivedLog } from './received-log';
import type { ReceivedRequest, RequestHandler, Service, WireAnswer, WireRequest } from './wire';

export interface AnswerDeps {
  readonly commands: CommandBook;
  /** Absent: nothing is recorded (the token endpoint). */
  readonly received?: ReceivedLog;
  /** What was answered, for the counts. */
  readonly answered?: (status: number) => void;
  /** Delay of an answer without a command of its own, in milliseconds. */
  readonly latencyMs: () => number;
  readonly now: () => number;
}

/** Ties a service to the wire: record the request, look for a command, wait, answer. */
export function answerRequests(service: Service, deps: AnswerDeps): RequestHandler {
  return (wireRequest, reply) => {
    const request = service.receive(wireRequest);
    const entry = record(service, request, { wireRequest, deps });
    const command = deps.commands.take(service.provider, request.pushkey);
    const answer = () => {
      if (reply.gone()) return;
      const outcome = command?.answer ?? { status: 200 };
      if ('fault' in outcome && outcome.fault !== 'empty') {
        reply.fail(outcome.fault);
        return;
      }
      const wireAnswer = 'fault' in outcome ? EMPTY : answerOf(request, outcome);
      if (entry) {
        entry.status = wireAnswer.status;
        entry.reason = wireAnswer.reason;
      }
      deps.answered?.(wireAnswer.status);
      reply.send(wireAnswer);
    };
    const delayMs = command?.latencyMs ?? deps.latencyMs();
    if (delayMs === 0) answer();
    // Unreferenced: after close() nothing is left to answer, and the servers keep the process alive until then.
    else setTimeout(answer, delayMs).unref();
  };
}

const EMPTY: WireAnswer = { status: 200, headers: {}, body: '' };

function record(
  { provider }: Service,
  { pushkey }: ReceivedRequest,
  { wireRequest, deps }: { wireRequest: WireRequest; deps: AnswerDeps },
): ReceivedEntry | undefined {
  if (!deps.received || provider === 'token') return undefined;
  const { headers: rawHeaders, body } = wireRequest;
  const entry: ReceivedEntry = { provider, at: deps.now(), pushkey, rawHeaders, body, status: null, reason: undefined };
  deps.received.add(entry);
  return entry;
}

function answerOf(request: ReceivedRequest, answer: StatusAnswer): WireAnswer {
  const base = baseAnswer(request, answer);
  const { retryAfter, headers } = answer;
  if (retryAfter === undefined && headers === undefined) return base;
  return {
    ...base,
    headers: { ...base.headers, ...(retryAfter !== undefined && { 'retry-after': retryAfter }), ...headers },
  };
}

function baseAnswer(request: ReceivedRequest, answer: StatusAnswer): WireAnswer {
  const { status, body } = answer;
  if (body !== undefined)
    return { status, headers: { 'content-type': 'text/plain' }, body, reason: answer.reason ?? answer.errorCode };
  return status === 200 ? request.judge() : request.commanded(answer);
}
