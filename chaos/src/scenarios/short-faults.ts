import type { ChaosStage } from '../chaos-stage';
import { delay } from '../delay';
import { pick } from '../random';
import type { SingleRedis } from '../single-redis';
import type { SupervisedRole } from '../supervised-role';

/** A fault of a few seconds, to be mixed with others. */
export interface ShortFault {
  readonly name: string;
  readonly inflict: (stage: ChaosStage<SingleRedis>) => Promise<void>;
}

const SHORT_MS = 1500;
const STRIKES = 5;
const STRIKE_EVERY_MS = 200;
const USUAL_STREAMS = 1000;
const SLOW_MS = 1000;
const USUAL_LATENCY_MS = 30;
const SHIFT_MS = 600_000;

/** Which processes of a role may die. */
export type Victims = (roles: readonly SupervisedRole[]) => readonly SupervisedRole[];

/** Of our side: one at a time, because two would fight over the same process. */
export function relayFaults(victims: Victims): readonly ShortFault[] {
  return [
    { name: 'kill-ingress', inflict: ({ ingresses, random }) => kill(pick(random, victims(ingresses))) },
    { name: 'kill-dispatcher', inflict: ({ dispatchers, random }) => kill(pick(random, victims(dispatchers))) },
    ...STANDING_FAULTS,
  ];
}

/** Those that no process of the relay has to die for. */
const STANDING_FAULTS: readonly ShortFault[] = [
  {
    name: 'pause-dispatcher',
    inflict: async ({ dispatchers, random }) => {
      const dispatcher = pick(random, dispatchers);
      dispatcher.signal('SIGSTOP');
      await delay(SHORT_MS);
      dispatcher.signal('SIGCONT');
    },
  },
  {
    name: 'kill-redis',
    inflict: async ({ redis }) => {
      await redis.kill();
      await delay(SHORT_MS);
      await redis.startAgain();
    },
  },
  {
    name: 'restart-redis',
    inflict: async ({ redis }) => {
      await redis.terminate();
      await redis.startAgain();
    },
  },
  {
    name: 'pause-redis',
    inflict: async ({ redis }) => {
      redis.pause();
      await delay(SHORT_MS * 2);
      redis.resume();
    },
  },
  {
    name: 'redis-full',
    inflict: async ({ redis }) => {
      await redis.client.config('SET', 'maxmemory', '1');
      await delay(SHORT_MS);
      await redis.client.config('SET', 'maxmemory', '0');
    },
  },
  {
    name: 'clock',
    inflict: async (stage) => {
      await stage.moveClocks(pick(stage.random, [SHIFT_MS, -SHIFT_MS]));
      await delay(SHORT_MS);
      await stage.moveClocks(0);
    },
  },
];

/** Of the other side: the providers and the network to them. */
export const PROVIDER_FAULTS: readonly ShortFault[] = [
  { name: '503', inflict: (stage) => answering(stage, { status: 503, reason: 'ServiceUnavailable' }) },
  { name: '429', inflict: (stage) => answering(stage, { status: 429, reason: 'TooManyRequests', retryAfter: '1' }) },
  { name: 'silent', inflict: (stage) => answering(stage, { fault: 'hang' }) },
  { name: 'reset', inflict: (stage) => answering(stage, { fault: 'reset' }) },
  {
    name: 'slow',
    inflict: async ({ simulator }) => {
      simulator.setLatency(SLOW_MS);
      await delay(SHORT_MS);
      simulator.setLatency(USUAL_LATENCY_MS);
    },
  },
  {
    name: 'one-stream',
    inflict: async ({ simulator }) => {
      simulator.setMaxConcurrentStreams(1);
      await delay(SHORT_MS);
      simulator.setMaxConcurrentStreams(USUAL_STREAMS);
    },
  },
  { name: 'goaway', inflict: ({ simulator }) => strikes(() => simulator.goaway()) },
  { name: 'closed', inflict: ({ simulator }) => strikes(() => simulator.destroySessions()) },
  { name: 'network-cut', inflict: (stage) => network(stage, 'cut') },
  { name: 'network-still', inflict: (stage) => network(stage, 'stands-still') },
  { name: 'network-half-closed', inflict: (stage) => network(stage, 'half-closed') },
  { name: 'network-loses-answers', inflict: (stage) => network(stage, 'loses-answers') },
];

type Stage = ChaosStage<SingleRedis>;

function kill(role: SupervisedRole): Promise<void> {
  role.kill();
  return Promise.resolve();
}

async function answering(stage: Stage, answer: Parameters<Stage['commandProviders']>[0]['answer']): Promise<void> {
  stage.commandProviders({ answer });
  await delay(SHORT_MS);
  stage.restoreProviders();
}

async function network(stage: Stage, state: Parameters<Stage['setNetwork']>[0]): Promise<void> {
  stage.setNetwork(state);
  await delay(SHORT_MS);
  stage.setNetwork('passes');
}

async function strikes(strike: () => void): Promise<void> {
  for (let number = 0; number < STRIKES; number += 1) {
    strike();
    await delay(STRIKE_EVERY_MS);
  }
}
