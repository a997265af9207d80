import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { GATE } from './keyspace';
import { createScript } from './script';

/**
 * Why an app's queue does not run at full width. `parked`: our credential or topic is refused; `held`: the provider asked
 * for a pause (quota); `probing`: one push at a time, to see whether it works again.
 */
export const gateSchema = z.object({
  state: z.enum(['parked', 'held', 'probing']),
  reason: z.string(),
  /** Milliseconds since the epoch. */
  since: z.coerce.number(),
  /** When it is tried again, in milliseconds since the epoch. */
  until: z.coerce.number(),
  probes: z.coerce.number().int(),
});

export type GateState = z.infer<typeof gateSchema>;

/** First and longest pause between two probes of a parked app, in milliseconds; it doubles each time. */
const FIRST_PROBE_MS = 30_000;
const LAST_PROBE_MS = 600_000;

/** KEYS[1] gate; ARGV now, reason, first and last pause. Returns 1 when this call parked it. */
const PARK = createScript(`
local state = redis.call('HGET', KEYS[1], 'state')
if state == 'parked' then return 0 end
local now, probes, since = tonumber(ARGV[1]), 0, ARGV[1]
if state == 'probing' then
  probes = tonumber(redis.call('HGET', KEYS[1], 'probes'))
  since = redis.call('HGET', KEYS[1], 'since')
end
local pause = math.min(tonumber(ARGV[3]) * 2 ^ probes, tonumber(ARGV[4]))
redis.call('HSET', KEYS[1], 'state', 'parked', 'reason', ARGV[2], 'since', since,
  'until', string.format('%.0f', now + pause), 'probes', string.format('%.0f', probes))
return 1`);

/** KEYS[1] gate; ARGV now, reason, until. A hold never shortens another one and never opens a parked app. */
const HOLD = createScript(`
local state = redis.call('HGET', KEYS[1], 'state')
if state == 'parked' or state == 'probing' then return 0 end
if state and tonumber(redis.call('HGET', KEYS[1], 'until')) >= tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[1], 'state', 'held', 'reason', ARGV[2], 'since', ARGV[1], 'until', ARGV[3], 'probes', '0')
return 1`);

/** KEYS[1] gate; ARGV now. Returns 1 for the one caller that may probe. */
const PROBE = createScript(`
if redis.call('HGET', KEYS[1], 'state') ~= 'parked' then return 0 end
if tonumber(redis.call('HGET', KEYS[1], 'until')) > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'state', 'probing')
redis.call('HINCRBY', KEYS[1], 'probes', 1)
return 1`);

/** KEYS[1] gate; ARGV the state that is left. Returns 1 when the gate was in it. */
const OPEN = createScript(`
if redis.call('HGET', KEYS[1], 'state') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1`);

export interface AppGateOptions {
  readonly redis: Redis;
  readonly queue: Queue;
  /** The app's key base. */
  readonly base: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * The one switch of an app's queue, shared by all dispatchers through Redis. Closing writes the gate first and pauses then;
 * opening runs first and clears then; `tick` repeats whatever a crash in between left undone.
 */
export interface AppGate {
  /** As of the last `tick` or change in this process; undefined: running. */
  readonly current: GateState | undefined;
  /** The state on Redis now; changes nothing, for whoever only looks. Undefined: running. */
  read(): Promise<GateState | undefined>;
  /** Stops the app in all dispatchers. Resolves with true when this call did it. */
  park(reason: string): Promise<boolean>;
  /** Stops the app for `ms` milliseconds. */
  hold(reason: string, ms: number): Promise<boolean>;
  /** The provider took or judged a push: a probing app runs again. Resolves with true when this call opened it. */
  worked(): Promise<boolean>;
  /** An operator's word: runs now, whatever the reason was. */
  resume(): Promise<void>;
  /** Called about once a second: sees changes of other processes, probes when it is time, mends what a crash left. */
  tick(): Promise<void>;
}

export function createAppGate({ redis, queue, base, now }: AppGateOptions): AppGate {
  const key = `${base}${GATE}`;
  let current: GateState | undefined;

  const read = async (): Promise<GateState | undefined> => {
    const parsed = gateSchema.safeParse(await redis.hgetall(key));
    current = parsed.success ? parsed.data : undefined;
    return current;
  };
  const changed = async (reply: Promise<unknown>): Promise<boolean> => {
    const won = (await reply) === 1;
    await read();
    return won;
  };
  const runFree = async (): Promise<void> => {
    await queue.removeGlobalConcurrency();
    await queue.resume();
  };

  /** Brings the queue into the state that the gate asks for; each step may be repeated. */
  const enforce = async (gate: GateState): Promise<void> => {
    switch (gate.state) {
      case 'parked':
      case 'held':
        if (!(await queue.isPaused())) await queue.pause();
        return;
      case 'probing':
        // One job at a time in all dispatchers together: BullMQ counts the active ones of the queue.
        if ((await queue.getGlobalConcurrency()) !== 1) await queue.setGlobalConcurrency(1);
        if (await queue.isPaused()) await queue.resume();
        return;
      default:
        gate.state satisfies never;
    }
  };

  const open = async (from: GateState['state']): Promise<boolean> => {
    await runFree();
    return changed(OPEN.run(redis, key, [from]));
  };

  return {
    get current() {
      return current;
    },
    read,
    async park(reason) {
      const won = await changed(PARK.run(redis, key, [now(), reason, FIRST_PROBE_MS, LAST_PROBE_MS]));
      if (won && current) await enforce(current);
      return won;
    },
    async hold(reason, ms) {
      const won = await changed(HOLD.run(redis, key, [now(), reason, Math.ceil(now() + ms)]));
      if (won && current) await enforce(current);
      return won;
    },
    worked: async () => current?.state === 'probing' && (await open('probing')),
    async resume() {
      await runFree();
      await redis.del(key);
      current = undefined;
    },
    async tick() {
      let gate = await read();
      if (gate?.state === 'held' && gate.until <= now()) {
        await open('held');
        return;
      }
      if (gate?.state === 'parked' && gate.until <= now() && (await changed(PROBE.run(redis, key, [now()])))) {
        gate = current;
      }
      if (gate) await enforce(gate);
    },
  };
}
