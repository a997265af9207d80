import { startTestRedis, type RunningRedis } from '@reveille/testing';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { createRejectionMemory, type RejectionMemory } from './rejection-memory';
import type { StormEvent } from './storm';
import { createStormBreaker, type StormBreaker, type VerdictFate } from './storm-breaker';
import { createStormControl, type StormControl } from './storm-control';
import type { StormSettings } from './storm-settings';

export const MINUTE_MS = 60_000;

export const TEST_SETTINGS: StormSettings = {
  windowMs: 5 * MINUTE_MS,
  floor: 100,
  suspectFloor: 20,
  share: 0.5,
  suspectShare: 0.25,
  factor: 5,
  holdForMs: 30 * MINUTE_MS,
  releasePerMinute: 60,
  retryMs: 30_000,
  ttlMs: 30 * 24 * 60 * MINUTE_MS,
};

/** One dispatcher's breaker, and what it told. */
export interface TestDispatcher extends StormBreaker {
  readonly events: StormEvent[];
  readonly told: () => string[];
  /** Its settings are these from now on. */
  configure: (fingerprint: string) => void;
  deliver: (count: number) => void;
  /** To the devices `from` to `to - 1`. */
  deliverTo: (from: number, to: number) => void;
  /** As the provider rejects the devices `from` to `to - 1`; resolves with what became of each. */
  reject: (from: number, to: number, reason?: Reason) => Promise<VerdictFate['kind'][]>;
}

export type Reason = 'Unregistered' | 'BadDeviceToken' | 'DeviceTokenNotForTopic';

/** The storm breaker of one app with a Redis for the test file and a clock that tests set; another app for each test. */
export interface TestStorm {
  readonly redis: () => Redis;
  readonly base: () => string;
  /** A further dispatcher. */
  readonly dispatcher: (settings?: Partial<StormSettings>) => TestDispatcher;
  readonly control: () => StormControl;
  readonly memory: () => RejectionMemory;
  /** Devices that a homeserver would be told are dead. */
  readonly remembered: () => Promise<number>;
  readonly now: () => number;
  readonly pass: (ms: number) => void;
}

export const deviceOf = (index: number): string => `device-${index}`;

export function useTestStorm(): TestStorm {
  let server: RunningRedis;
  let redis: Redis;
  let base = '';
  let now = 0;
  beforeAll(async () => {
    server = await startTestRedis();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    await redis.quit();
    await server.stop();
  });
  beforeEach(() => {
    base = `${randomUUID()}:{a}:`;
    now = 1_795_333_200_000;
  });
  const clock = () => now;
  const { ttlMs } = TEST_SETTINGS;
  return {
    redis: () => redis,
    base: () => base,
    dispatcher: (settings) => testDispatcher({ redis, base, now: clock, settings: { ...TEST_SETTINGS, ...settings } }),
    control: () => createStormControl({ redis, baseOf: () => base, ttlMs, now: clock }),
    memory: () => createRejectionMemory({ redis, baseOf: () => base, ttlMs }),
    remembered: async () => (await redis.keys(`${base}rejected:*`)).length,
    now: clock,
    pass: (ms) => {
      now += ms;
    },
  };
}

interface DispatcherParts {
  readonly redis: Redis;
  readonly base: string;
  readonly now: () => number;
  readonly settings: StormSettings;
}

function testDispatcher(parts: DispatcherParts): TestDispatcher {
  const events: StormEvent[] = [];
  let settingsName = 'settings';
  const breaker = createStormBreaker({
    ...parts,
    random: () => 0.5,
    fingerprint: () => settingsName,
    onEvent: (event) => events.push(event),
  });
  return {
    get current() {
      return breaker.current;
    },
    waitInStorm: (device) => breaker.waitInStorm(device),
    delivered: (device) => breaker.delivered(device),
    remember: (device, verdict) => breaker.remember(device, verdict),
    tick: () => breaker.tick(),
    events,
    told: () => events.map((event) => (event.kind === 'discarded' ? event.why : event.kind)),
    configure: (name) => {
      settingsName = name;
    },
    deliver(count) {
      for (let index = 0; index < count; index++) breaker.delivered('of a living device');
    },
    deliverTo(from, to) {
      for (let index = from; index < to; index++) breaker.delivered(deviceOf(index));
    },
    async reject(from, to, reason = 'Unregistered') {
      const fates: VerdictFate['kind'][] = [];
      for (let index = from; index < to; index++) {
        const suspect = reason === 'DeviceTokenNotForTopic';
        const verdict = { diedAt: parts.now(), reason, suspect, isAnswer: true };
        fates.push((await breaker.remember(deviceOf(index), verdict)).kind);
      }
      return fates;
    },
  };
}
