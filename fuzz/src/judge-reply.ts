import { z } from 'zod';

import type { FuzzCase } from './fuzz-case';
import type { Reply } from './send-case';

const accepted = z.strictObject({ rejected: z.array(z.string()) });
const refused = z.looseObject({ errcode: z.string().regex(/^M_[A-Z_]+$/), error: z.string() });
const request = z.object({ notification: z.object({ devices: z.array(z.unknown()) }) });
const device = z.object({ pushkey: z.string() });

/** Answers to a stranger's request that are no fault of ours. 415: an encoding that is not taken. */
const REFUSALS: readonly number[] = [400, 413, 415];
const STATUS_LINES = /^HTTP\/1\.1 (\d{3})/gm;

/** What is wrong with the reply to a case; undefined when all is well. */
export function judgeReply(one: FuzzCase, reply: Reply): string | undefined {
  switch (reply.kind) {
    case 'failed':
      return `no answer: ${reply.why}`;
    case 'bytes':
      return [...reply.text.matchAll(STATUS_LINES)].some(([, status]) => Number(status) >= 500) ? `a 5xx: ${reply.text.slice(0, 300)}` : undefined;
    case 'answer':
      return one.kind === 'request' ? judgeAnswer(one.body, reply) : 'an answer to no request';
    default:
      return reply satisfies never;
  }
}

function judgeAnswer(sent: Buffer, { status, body }: Extract<Reply, { kind: 'answer' }>): string | undefined {
  if (status !== 200 && !REFUSALS.includes(status)) return `status ${status}: ${body.slice(0, 300)}`;
  const parsed = parseJson(body);
  if (status !== 200) return refused.safeParse(parsed).success ? undefined : `a ${status} that is no Matrix error: ${body.slice(0, 300)}`;
  const answer = accepted.safeParse(parsed);
  if (!answer.success) return `a 200 without \`rejected\`: ${body.slice(0, 300)}`;
  const own = pushkeysOf(sent);
  return answer.data.rejected.every((pushkey) => own.has(pushkey)) ? undefined : 'a rejected pushkey that the request does not name';
}

function pushkeysOf(sent: Buffer): ReadonlySet<string> {
  const parsed = request.safeParse(parseJson(sent.toString('utf8').replace(/^\uFEFF/, '')));
  if (!parsed.success) return new Set();
  return new Set(
    parsed.data.notification.devices.flatMap((each) => {
      const known = device.safeParse(each);
      return known.success ? [known.data.pushkey] : [];
    }),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
