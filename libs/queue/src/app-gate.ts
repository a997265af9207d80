import type { RedisClient } from './connect-redis';
import { z } from 'zod';
import { BREAK, DUE, HOLD, PARK, PAUSE, RESUME, WORKED } from './gate-scripts';
import { GATE } from './keyspace';
import type { Script } from './script';

/**
 * Why an app's queue does not run at full width. `parked`: our credential or topic is refused; `held`: the provider asked
 * for a pause (quota); `outage`: the provider is out, the circuit breaker is open; `probing`: a push or a few at a time, to see
 * whether it works again; `recovering`: it does after an outage, and the width grows; `paused`: an operator said so.
 */
export const gateSchema = z.object({
  state: z.enum(['parked', 'held', 'outage', 'probing', 'recovering', 'paused']),
  reason: z.string(),
  /** Milliseconds since the epoch. */
  since: z.coerce.number(),
  /** When it is tried again, in milliseconds since the epoch; 0: when an operator says so. */
  until: z.coerce.number(),
  /** The operator who paused it. */
  by: z.string().exactOptional(),
  /** How many there have been. */
  probes: z.coerce.number().int(),
  /** While the cause is an outage: since when, in milliseconds since the epoch. */
  out: z.coerce.number().exactOptional(),
  /** When it began to be out, to probe or to recover: what began before says nothing of now. Milliseconds since the epoch. */
  changed: z.coerce.number().exactOptional(),
});

export type GateState = z.infer<typeof gateSchema>;

/** First and longest pause between two probes of a parked app, in milliseconds; it doubles each time. */
const FIRST_PROBE_MS = 30_000;
const LONGEST_PROBE_MS = 600_000;
/** The same for an outage, which ends by itself: users wait. */
const FIRST_OUTAGE_PROBE_MS = 1000;
const LONGEST_OUTAGE_PROBE_MS = 30_000;
/** Full width when nobody says otherwise: pushes at once in all dispatchers. */
const FULL_WIDTH = 4096;

export interface AppGateOptions {
  readonly redis: RedisClient;
  /** The app's key base. */
  readonly base: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Pushes at once, in all dispatchers, at which an app that recovers counts as open. */
  readonly fullWidth?: number;
}

/** The one switch of an app's queue, shared by all dispatchers through Redis; every move is one atomic script. */
export interface AppGate {
  /** As of the last look or move in this process; undefined: running. */
  readonly current: GateState | undefined;
  /** Looks at Redis and changes nothing. */
  read(): Promise<GateState | undefined>;
  /** Stops the app in all dispatchers. Resolves with true when this call did it. */
  park(reason: string): Promise<boolean>;
  /** Stops the app for `ms` milliseconds. Resolves with true when this call did it. */
  hold(reason: string, ms: number): Promise<boolean>;
  /** The provider is out: stops the app, probes, opens again by degrees. Resolves with true when this call stopped it. */
  interrupt(reason: string): Promise<boolean>;
  /** The provider took or judged a push: a probing app runs again. Resolves with true when this call opened it. */
  worked(): Promise<boolean>;
  /** An operator's word: stands still until `resume`. Resolves with true when this call did it. */
  pause(reason: string, by: string): Promise<boolean>;
  /** An operator's word: runs now, whatever the reason was. */
  resume(): Promise<void>;
  /** Called about once a second: sees changes of other processes, and moves on a gate whose time has come. */
  tick(): Promise<void>;
}

export function createAppGate({ redis, base, now, fullWidth = FULL_WIDTH }: AppGateOptions): AppGate {
  let current: GateState | undefined;

  const read = async (): Promise<GateState | undefined> => {
    const parsed = gateSchema.safeParse(await redis.hgetall(`${base}${GATE}`));
    current = parsed.success ? parsed.data : undefined;
    return current;
  };
  const move = async (script: Script, ...args: (string | number)[]): Promise<boolean> => {
    const moved = (await script.run(redis, base, [now(), ...args])) === 1;
    await read();
    return moved;
  };

  return {
    get current() {
      return current;
    },
    read,
    park: (reason) => move(PARK, reason, FIRST_PROBE_MS, LONGEST_PROBE_MS),
    hold: (reason, ms) => move(HOLD, reason, Math.ceil(now() + ms)),
    interrupt: (reason) => move(BREAK, reason, FIRST_OUTAGE_PROBE_MS, LONGEST_OUTAGE_PROBE_MS),
    // Without a look at Redis for every push: a process that has not yet seen the probing opens it a second later.
    worked: async () => current?.state === 'probing' && (await move(WORKED, current.probes)),
    pause: (reason, by) => move(PAUSE, reason, by),
    async resume() {
      await move(RESUME);
    },
    async tick() {
      const gate = await read();
      if (gate && gate.state !== 'probing' && gate.state !== 'paused' && gate.until <= now()) await move(DUE, fullWidth);
    },
  };
}
