import { readFileSync } from 'node:fs';

import type { Dispatch, Provider, SendOutcome } from '@reveille/provider';
import { z } from 'zod';

import { loadApnsCredentials } from './credentials';
import { createApnsProvider, type ApnsProviderOptions } from './provider';
import { apnsSettingsShape, type ApnsSettings } from './settings';
import { PUSHKEY, testDispatch } from './test-dispatch';

export const HOUR_MS = 3_600_000;
const START_TIMEOUT_MS = 20_000;

/** What this file needs of `@reveille/simulator`, which only tests may import. */
interface TestSimulator {
  readonly apnsUrl: string;
  readonly files: { readonly ca: string; readonly apnsKey: string };
  readonly apns: { readonly teamId: string; readonly keyId: string; readonly topic: string };
  clearCommands(): void;
  clearReceived(): void;
  close(): Promise<void>;
}

/** A simulator for all tests of a file, and providers that end with the test that started them. */
export interface TestApns<Simulator> {
  readonly simulator: () => Simulator;
  readonly startProvider: (settings?: Partial<ApnsSettings>, options?: Partial<ApnsProviderOptions>) => Provider;
  /** How far the simulator's clock is ahead of ours, for the rest of the test. */
  readonly setAhead: (ms: number) => void;
}

/** To be called at the top of a test file, with `startSimulator`. */
export function useTestApns<Simulator extends TestSimulator>(
  startSimulator: (options: { now: () => number }) => Promise<Simulator>,
): TestApns<Simulator> {
  let running: Simulator | undefined;
  let aheadMs = 0;
  const open: Provider[] = [];

  beforeAll(async () => {
    running = await startSimulator({ now: () => Date.now() + aheadMs });
  }, START_TIMEOUT_MS);

  afterEach(async () => {
    await Promise.all(open.splice(0).map((provider) => provider.close(0)));
    running?.clearCommands();
    running?.clearReceived();
    jest.restoreAllMocks();
    aheadMs = 0;
  });

  afterAll(() => running?.close());

  const simulator = () => {
    if (!running) throw new Error('the simulator runs in tests only');
    return running;
  };
  return {
    simulator,
    startProvider(settings = {}, options = {}) {
      const provider = startProvider(simulator(), settings, options);
      open.push(provider);
      return provider;
    },
    setAhead: (ms) => void (aheadMs = ms),
  };
}

function startProvider(
  simulator: TestSimulator,
  settings: Partial<ApnsSettings>,
  options: Partial<ApnsProviderOptions>,
): Provider {
  const byKey = {
    keyfile: simulator.files.apnsKey,
    key_id: simulator.apns.keyId,
    team_id: simulator.apns.teamId,
    topic: simulator.apns.topic,
  };
  const parsed = z.object(apnsSettingsShape).parse({
    type: 'apns',
    url: simulator.apnsUrl,
    ca_file: simulator.files.ca,
    ...(settings.certfile === undefined && byKey),
    ...settings,
  });
  const { credentials, problems } = loadApnsCredentials(parsed, (path) => readFileSync(path, 'utf8'));
  if (!credentials) throw new Error(JSON.stringify(problems));
  return createApnsProvider({ settings: parsed, credentials, ...options });
}

/** An event that every device shows, with an hour to live. */
export function event(number = 1, pushkey = PUSHKEY): Dispatch {
  return testDispatch({
    facts: { type: 'm.room.message', eventId: `$event${number}`, roomId: '!room', counts: { unread: number } },
    device: { pushkey },
    dispatch: { deadline: Date.now() + HOUR_MS, id: `5f0c9c3e-6a0e-4e2b-9c5b-${String(number).padStart(12, '0')}` },
  });
}

/** A command that makes the simulator answer every push like this. */
export function answer(status: number, reason?: string, more: object = {}) {
  return { provider: 'apns' as const, answer: { status, ...(reason !== undefined && { reason }), ...more } };
}

/** Tries again as the queue would: after a lost connection the transport waits a moment before the next. */
export async function sendUntilDelivered(provider: Provider, dispatch: Dispatch): Promise<SendOutcome> {
  const giveUpAt = performance.now() + 5000;
  for (;;) {
    const outcome = await provider.send(dispatch);
    if (outcome.kind === 'delivered' || performance.now() > giveUpAt) return outcome;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const delivered = { kind: 'delivered', answer: { status: 200, reason: 'Success' } };
