import { z } from 'zod';

const statusAnswer = z.strictObject({
  status: z
    .int()
    .min(200)
    .max(599)
    .describe('HTTP status; 200 without a body: judged as usual, just later or exempt from a global command'),
  reason: z.string().optional().describe('APNs reason'),
  errorCode: z.string().optional().describe('FCM errorCode, or the OAuth error of the token endpoint'),
  message: z.string().optional().describe('FCM error.message, or the OAuth error_description'),
  timestamp: z.number().optional().describe('of an APNs 410, in milliseconds since the epoch; default now'),
  retryAfter: z.string().optional().describe('Retry-After header, seconds or an HTTP date'),
  body: z.string().optional().describe('sent as it is instead of the JSON that the provider would send'),
  headers: z.record(z.string(), z.string()).optional(),
});

const faultAnswer = z.strictObject({
  fault: z
    .enum(['hang', 'close', 'reset', 'goaway', 'huge', 'empty'])
    .describe(
      'hang: never answers; close: ends the connection; reset: RST_STREAM; ' +
        'goaway: GOAWAY, this stream not taken, the others finish; huge: a body without end; empty: 200 without a body',
    ),
});

/** What to answer instead of the usual, to whom and how often: type, validator and documentation in one. */
export const simulatorCommand = z.strictObject({
  provider: z.enum(['apns', 'fcm', 'token']).optional().describe('absent: both push services, not the token endpoint'),
  pushkey: z.string().optional().describe('device token as sent on the wire; absent: every one'),
  times: z.int().positive().optional().describe('how many requests it answers; absent: until cleared'),
  answer: z.union([statusAnswer, faultAnswer]),
  latencyMs: z.number().min(0).max(600_000).optional().describe('before the answer, instead of the general latency'),
});

export type SimulatorCommand = z.infer<typeof simulatorCommand>;
export type Fault = z.infer<typeof faultAnswer>['fault'];
export type StatusAnswer = z.infer<typeof statusAnswer>;

export type ParsedCommand =
  | { readonly ok: true; readonly command: SimulatorCommand }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Parses a command from outside; every problem with the path of its field, e.g. `answer.status: ...`. */
export function parseCommand(value: unknown): ParsedCommand {
  const parsed = simulatorCommand.safeParse(value);
  if (parsed.success) return { ok: true, command: parsed.data };
  return { ok: false, problems: parsed.error.issues.flatMap((issue) => problemsOf(issue, [])) };
}

function problemsOf(issue: z.core.$ZodIssue, prefix: readonly PropertyKey[]): string[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // Neither kind of answer fits: tell what is wrong with the one that comes nearest.
    const [nearest = []] = [...issue.errors].sort((a, b) => a.length - b.length);
    return nearest.flatMap((inner) => problemsOf(inner, path));
  }
  return [`${path.map(String).join('.') || 'command'}: ${issue.message}`];
}
