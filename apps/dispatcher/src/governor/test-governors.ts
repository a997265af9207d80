import { createQuotaBucket, type QuotaBucket, type RedisClient } from '@reveille/queue';
import type { SimulatedQuota } from '@reveille/simulator';
import { randomUUID } from 'node:crypto';
import { createBudget, type Budget } from './budget';

/** Milliseconds. */
const STEP_MS = 10;
const LATENCY_MS = 60;

/** Time that passes only when the test says so, for everything but Redis. */
export interface SimulatedTime {
  readonly now: () => number;
  readonly later: (ms: number, task: () => void) => () => void;
  /** Lets `ms` milliseconds pass, in small steps; what is asked of Redis meanwhile is answered within its step. */
  pass(ms: number): Promise<void>;
  /** Has `answer` waited for in the step in which it is asked. */
  during<T>(answer: Promise<T>): Promise<T>;
}

export function simulateTime(start = 1_795_333_200_000): SimulatedTime {
  let time = start;
  let timers: { at: number; task: () => void }[] = [];
  const asked = new Set<Promise<unknown>>();
  const settle = async (): Promise<void> => {
    do {
      await Promise.allSettled([...asked]);
      await new Promise((resolve) => setImmediate(resolve));
    } while (asked.size > 0);
  };
  return {
    now: () => time,
    later(ms, task) {
      const timer = { at: time + ms, task };
      timers.push(timer);
      return () => (timers = timers.filter((one) => one !== timer));
    },
    async pass(ms) {
      for (const end = time + ms; time < end; ) {
        time += STEP_MS;
        const due = timers.filter(({ at }) => at <= time);
        timers = timers.filter(({ at }) => at > time);
        for (const { task } of due) task();
        await settle();
      }
    },
    during(answer) {
      asked.add(answer);
      const forget = (): boolean => asked.delete(answer);
      answer.then(forget, forget);
      return answer;
    },
  };
}

export interface TestGovernorOptions {
  readonly time: SimulatedTime;
  readonly redis: RedisClient;
  readonly key: string;
  readonly perMinute: number;
  readonly rampMs?: number;
  /** The provider. */
  readonly quota: Pick<SimulatedQuota, 'admits'>;
  readonly isOut?: () => boolean;
  readonly isRedisThere?: () => boolean;
}

/** One dispatcher that sends as much as it may, or less. */
export interface TestGovernor {
  readonly budget: Budget;
  /** Pushes that the provider took, and refused. */
  delivered(): number;
  refused(): number;
  /** Calls of Redis. */
  calls(): number;
  /** Sends from so many places at once, each with the next push as soon as the last one is answered and `pauseMs` have passed. */
  work(places: number, pauseMs?: number): void;
  /** As if the process had been killed. */
  die(): void;
}

export function startTestGovernor(options: TestGovernorOptions): TestGovernor {
  const { time, redis, key, perMinute, rampMs = 0, quota } = options;
  let calls = 0;
  const onRedis = createQuotaBucket({ redis, key, id: randomUUID(), perMinute, rampMs, now: time.now });
  const counted = <T>(answer: Promise<T>): Promise<T> => {
    calls += 1;
    return time.during(answer);
  };
  const bucket: QuotaBucket = {
    lease: (request) => counted(onRedis.lease(request)),
    refused: (startedAt, retryAfterMs) => counted(onRedis.refused(startedAt, retryAfterMs)),
  };
  const { isOut = () => false, isRedisThere = () => true } = options;
  const budget = createBudget({ bucket, perMinute, isOut, isRedisThere, now: time.now, later: time.later });
  const wait = (ms: number): Promise<void> => new Promise((resolve) => time.later(ms, resolve));
  let [delivered, refused, isAlive] = [0, 0, true];

  const send = async (): Promise<void> => {
    const mayGo = await budget.take('high');
    if (!mayGo || !isAlive) return wait(STEP_MS);
    const startedAt = time.now();
    await wait(LATENCY_MS);
    if (quota.admits('pushkey')) {
      delivered += 1;
      return;
    }
    refused += 1;
    await wait(await budget.refused(startedAt));
  };
  const keepAlive = (): void => {
    if (!isAlive) return;
    budget.tick();
    time.later(1000, keepAlive);
  };
  keepAlive();
  return {
    budget,
    delivered: () => delivered,
    refused: () => refused,
    calls: () => calls,
    work(places, pauseMs = 0) {
      const place = async (): Promise<void> => {
        while (isAlive) {
          await send();
          if (pauseMs > 0) await wait(pauseMs);
        }
      };
      for (let i = 0; i < places; i++) void place();
    },
    die() {
      isAlive = false;
      budget.close();
    },
  };
}
