import { z } from 'zod';
import type { RedisClient } from '../connect-redis';
import { parseJson } from '../parse-json';
import { createScript } from '../script';
import type { ProcessInfo } from './process-types';

/** Milliseconds without a heartbeat after which a process is not shown any more: three were missed. */
const SILENT_MS = 20_000;
/** Milliseconds without a heartbeat after which it is forgotten. */
const FORGOTTEN_MS = 3_600_000;
/** Processes that are remembered at most; more are what a role leaves that starts and dies again and again. */
const MAX_PROCESSES = 1000;

const COMMON = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function forget(entries)
  for i = 1, #entries, 2 do
    local seen = tonumber(string.match(entries[i + 1], '^(%d+)|')) or 0
    if now - seen > ${FORGOTTEN_MS} then redis.call('HDEL', KEYS[1], entries[i]) end
  end
end
`;

/** KEYS[1] the processes. ARGV: role and name, what is to be known. Redis' own time, which all readers share. */
export const BEAT = createScript(`${COMMON}
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 and redis.call('HLEN', KEYS[1]) >= ${MAX_PROCESSES} then
  forget(redis.call('HGETALL', KEYS[1]))
  if redis.call('HLEN', KEYS[1]) >= ${MAX_PROCESSES} then return redis.status_reply('FULL') end
end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now) .. '|' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ${FORGOTTEN_MS})
return redis.status_reply('OK')
`);

const READ = createScript(`${COMMON}
local entries = redis.call('HGETALL', KEYS[1])
forget(entries)
return { string.format('%.0f', now), entries }
`);

const loadSchema = z.object({ eventLoopP99Ms: z.number(), cpu: z.number(), rssBytes: z.number(), inFlight: z.number() });
const credentialSchema = z.object({
  app: z.string(),
  kind: z.enum(['jwt', 'certificate', 'access_token']),
  expiresAt: z.number(),
});
export const beatSchema = z.object({
  role: z.enum(['ingress', 'dispatcher', 'admin']),
  id: z.string(),
  version: z.string(),
  startedAt: z.number(),
  load: loadSchema,
  credentials: z.array(credentialSchema),
});
export type Beat = z.output<typeof beatSchema>;

const replySchema = z.tuple([z.coerce.number(), z.array(z.string())]);

/** All processes of an installation, in one hash of its own. */
export function processesKey(prefix: string): string {
  return `${prefix}:processes`;
}

/** The processes that are alive, by role and name. Rejects when Redis does. */
export async function readProcesses({ redis, prefix }: { readonly redis: RedisClient; readonly prefix: string }): Promise<ProcessInfo[]> {
  const [now, entries] = replySchema.parse(await READ.run(redis, processesKey(prefix), []));
  const values = entries.filter((_, index) => index % 2 === 1);
  return values
    .flatMap(toProcess)
    .filter(({ seenAt }) => now - seenAt <= SILENT_MS)
    .sort((a, b) => compare(a.role, b.role) || compare(a.id, b.id));
}

/** What is not ours, or of another version, is left out. */
function toProcess(value: string): ProcessInfo[] {
  const bar = value.indexOf('|');
  const beat = beatSchema.safeParse(parseJson(value.slice(bar + 1)));
  return beat.success ? [{ ...beat.data, seenAt: Number(value.slice(0, bar)) }] : [];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
