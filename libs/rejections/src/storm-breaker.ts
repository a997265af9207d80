import { probeDelay } from './probe-delay';
import type { RedisCommands } from './redis-commands';
import type { Storm, StormEvent } from './storm';
import { ASK, REMEMBER, TICK } from './storm-scripts';
import type { StormSettings } from './storm-settings';

/** A rejection as the provider or we ourselves pronounced it. */
export interface Verdict {
  /** Time of death, in milliseconds since the epoch. */
  readonly diedAt: number;
  readonly reason: string;
  /** A mistake of our own (wrong topic or sender) looks the same. */
  readonly suspect: boolean;
  /** Whether the provider said so. What was never sent is no answer: it does not count and is always believed. */
  readonly isAnswer: boolean;
}

/** What became of a verdict. `held`: not told to anybody; its push is to be tried again after `retryAfterMs`. */
export type VerdictFate = { readonly kind: 'remembered' } | { readonly kind: 'held'; readonly retryAfterMs: number };

/** Stands between the verdicts of one app's provider and the memory of rejections; shared by all dispatchers through Redis. */
export interface StormBreaker {
  /** As of this process's last look. */
  readonly current: Storm | undefined;
  /**
   * Before a push is sent: how long to wait, in milliseconds, because its pushkey has a held verdict and enough others are
   * asked about. Undefined: send it. Outside of storms without a round trip.
   */
  waitInStorm(deviceHash: string): Promise<number | undefined>;
  /** The provider took a push. Never fails and never waits: it is told to Redis with the next call. */
  delivered(deviceHash: string): void;
  /** Resolves after Redis has confirmed whatever became of it. */
  remember(deviceHash: string, verdict: Verdict): Promise<VerdictFate>;
  /** Called about once a second: counts the deliveries, sees storms that others found, and moves them on. */
  tick(): Promise<void>;
}

export interface StormBreakerOptions {
  readonly redis: RedisCommands;
  /** The app's key base. */
  readonly base: string;
  readonly settings: StormSettings;
  /** Names the app's settings that could cause a storm; see ADR 0011. Asked each time: they may be reloaded. */
  readonly fingerprint: () => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Called once for each event, in the process whose call brought it about. */
  readonly onEvent: (event: StormEvent) => void;
}

/**
 * Devices of one process that the slow look hears of with one call. More between two calls, which are never further apart than
 * a second, are so many deliveries that they outweigh what it looks for anyway.
 */
const LATEST_DEVICES = 100;

/** Ordinary reasons that a mistake of ours would cause too: a sandbox's pushkeys at production, another provider's. */
const COULD_BE_OURS: ReadonlySet<string> = new Set(['BadDeviceToken', 'invalid-registration-token']);

export function createStormBreaker(options: StormBreakerOptions): StormBreaker {
  const { redis, base, settings, fingerprint, now, random, onEvent } = options;
  const settingsText = JSON.stringify(settings);
  let current: Storm | undefined;
  let delivered = 0;
  /** The latest devices of them, for the slow look. */
  let devices = new Set<string>();
  /** Device hashes of the probes under way in this process, and of those that were taken since the last tick. */
  let probing = new Set<string>();
  let accepted: string[] = [];

  /** Runs `call` with the deliveries that Redis has not heard of; if it fails they are told the next time. */
  const withDeliveries = async <Reply>(call: (count: number, latest: string) => Promise<Reply>): Promise<Reply> => {
    const [count, latest] = [delivered, devices];
    delivered = 0;
    devices = new Set();
    try {
      return await call(count, JSON.stringify([...latest]));
    } catch (error) {
      delivered += count;
      devices = new Set([...latest, ...devices].slice(-LATEST_DEVICES));
      throw error;
    }
  };
  const see = (storm: Storm | undefined): void => {
    current = storm;
    if (storm) return;
    probing = new Set();
    accepted = [];
  };

  return {
    get current() {
      return current;
    },
    async waitInStorm(deviceHash) {
      // Another process's storm is seen a second later: until then a push is one more that is sent.
      if (!current) return undefined;
      const answer = await ASK.run(redis, base, [now(), settingsText, deviceHash]);
      if (answer === 'probe') probing.add(deviceHash);
      return answer === 'wait' ? probeDelay(settings.retryMs, undefined, random()) : undefined;
    },
    delivered(deviceHash) {
      delivered++;
      if (settings.slow) keepLatest(devices, deviceHash);
      if (probing.delete(deviceHash)) accepted.push(deviceHash);
    },
    async remember(deviceHash, verdict) {
      probing.delete(deviceHash);
      const { diedAt, reason } = verdict;
      const judged = [deviceHash, diedAt, reason, classOf(verdict), couldBeOurs(verdict) ? '1' : '0'];
      const reply = await withDeliveries((count, latest) =>
        REMEMBER.run(redis, base, [now(), settingsText, count, fingerprint(), ...judged, latest]),
      );
      if (reply.storm) {
        see(reply.storm);
        onEvent({ kind: 'tripped', storm: reply.storm });
      }
      if (reply.verdict === 'remembered') return { kind: 'remembered' };
      return { kind: 'held', retryAfterMs: probeDelay(settings.retryMs, reply.asked ?? 0, random()) };
    },
    async tick() {
      const told = accepted;
      accepted = [];
      try {
        const { storm, event } = await withDeliveries((count, latest) =>
          TICK.run(redis, base, [now(), settingsText, count, fingerprint(), latest, ...told]),
        );
        see(storm);
        if (event) onEvent(event);
      } catch (error) {
        accepted = [...told, ...accepted];
        throw error;
      }
    },
  };
}

function keepLatest(devices: Set<string>, deviceHash: string): void {
  devices.delete(deviceHash);
  devices.add(deviceHash);
  if (devices.size <= LATEST_DEVICES) return;
  for (const oldest of devices) {
    devices.delete(oldest);
    return;
  }
}

function couldBeOurs({ suspect, isAnswer, reason }: Verdict): boolean {
  return isAnswer && (suspect || COULD_BE_OURS.has(reason));
}

function classOf({ suspect, isAnswer }: Verdict): 's' | 'o' | '-' {
  if (!isAnswer) return '-';
  return suspect ? 's' : 'o';
}
