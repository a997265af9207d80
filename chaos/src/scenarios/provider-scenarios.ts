import type { ChaosStage } from '../chaos-stage';
import { delay } from '../delay';
import type { NetworkState } from '../provider-proxy';
import type { Bounds, Scenario } from '../scenario';
import { SingleRedis } from '../single-redis';
import { READY_MS, UNDER_WAY, USUAL_LOAD_MS } from './usual-bounds';

const FAULT_MS = 5000;
const DISPATCHERS = 2;
/** Between two GOAWAYs or broken connections of a storm, in milliseconds. */
const STORM_MS = 100;
const SLOW_MS = 2000;
/** As APNs and FCM grant. */
const USUAL_LATENCY_MS = 30;
const USUAL_STREAMS = 1000;
/** Retries have 5 s at most between them here, an attempt takes 30 s at most, and a breaker opens step by step. */
const DELAY_MS = 60_000;

const startRedis = (directory: string): Promise<SingleRedis> => SingleRedis.start('everysec', directory);

type Inflict = (stage: ChaosStage<SingleRedis>) => Promise<void>;

interface ProviderFault {
  readonly name: string;
  readonly summary: string;
  readonly inflict: Inflict;
  /** What may come a second time: this share of all pushes, and what is under way when so many times all connections end. */
  readonly secondShare: number;
  readonly cuts?: number;
}

/** A fault of the provider that lasts a while and ends. */
const FAULTS: readonly ProviderFault[] = [
  answers('provider-503', 'every push answered 503 for 5 s', { status: 503, reason: 'ServiceUnavailable' }),
  answers('provider-429', 'every push answered 429 with Retry-After for 5 s', {
    status: 429,
    reason: 'TooManyRequests',
    errorCode: 'QUOTA_EXCEEDED',
    retryAfter: '2',
  }),
  {
    name: 'provider-slow',
    summary: 'every answer takes 2 s, for 5 s',
    secondShare: 0,
    inflict: async ({ simulator }) => {
      simulator.setLatency(SLOW_MS);
      await delay(FAULT_MS);
      simulator.setLatency(USUAL_LATENCY_MS);
    },
  },
  {
    name: 'provider-silent',
    summary: 'no push is answered for 5 s',
    secondShare: 0,
    inflict: async (stage) => {
      stage.commandProviders({ answer: { fault: 'hang' } });
      await delay(FAULT_MS);
      stage.restoreProviders();
    },
  },
  {
    name: 'provider-closes',
    summary: 'connections end half-way through, every 100 ms for 5 s',
    secondShare: 0.05,
    cuts: 1,
    inflict: async ({ simulator }) => storm(() => simulator.destroySessions()),
  },
  {
    name: 'goaway-storm',
    summary: 'GOAWAY on every session, every 100 ms for 5 s',
    secondShare: 0,
    inflict: async ({ simulator }) => storm(() => simulator.goaway()),
  },
  {
    name: 'one-stream',
    summary: 'the stream limit of every session is 1 for 5 s',
    secondShare: 0,
    inflict: async ({ simulator }) => {
      simulator.setMaxConcurrentStreams(1);
      await delay(FAULT_MS);
      simulator.setMaxConcurrentStreams(USUAL_STREAMS);
    },
  },
  { ...network('network-cut', 'connections to the providers are reset and refused for 5 s', 'cut', 0), cuts: 1 },
  network('network-still', 'nothing gets through to the providers for 5 s, then what was sent arrives', 'stands-still', 0.02),
  network('network-slow', '300 ms more each way to the providers, for 5 s', 'slow', 0),
  { ...network('network-half-closed', 'the providers close their side of every connection', 'half-closed', 0), cuts: 1 },
  {
    ...network('network-loses-answers', 'requests arrive at the providers, no answer comes back, for 5 s', 'loses-answers', 0.1),
    cuts: 1,
  },
];

/** Providers, and the network to them, that fail and recover. */
export const providerScenarios: readonly Scenario<SingleRedis>[] = FAULTS.map(
  ({ name, summary, inflict, secondShare, cuts = 0 }) => ({
    name,
    summary,
    startRedis,
    loadMs: USUAL_LOAD_MS,
    inflict: async (stage) => {
      await inflict(stage);
      return undefined;
    },
    bounds: (pushes): Bounds => ({
      secondPushes: Math.ceil(pushes * secondShare) + cuts * DISPATCHERS * UNDER_WAY,
      readyMs: READY_MS,
      delayMs: DELAY_MS,
    }),
  }),
);

function answers(name: string, summary: string, answer: Parameters<ChaosStage['commandProviders']>[0]['answer']): ProviderFault {
  return {
    name,
    summary,
    secondShare: 0,
    inflict: async (stage) => {
      stage.commandProviders({ answer });
      await delay(FAULT_MS);
      stage.restoreProviders();
    },
  };
}

function network(name: string, summary: string, state: NetworkState, secondShare: number): ProviderFault {
  return {
    name,
    summary,
    secondShare,
    inflict: async (stage) => {
      stage.setNetwork(state);
      await delay(FAULT_MS);
      stage.setNetwork('passes');
    },
  };
}

async function storm(strike: () => void): Promise<void> {
  for (let passedMs = 0; passedMs < FAULT_MS; passedMs += STORM_MS) {
    strike();
    await delay(STORM_MS);
  }
}
