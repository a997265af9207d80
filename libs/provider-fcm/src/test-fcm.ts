import { readFileSync } from 'node:fs';

import type { Dispatch, Provider } from '@reveille/provider';
import { z } from 'zod';

import { createFcmProvider } from './provider';
import type { FcmProviderOptions } from './provider';
import { fcmSettingsShape, loadFcmCredentials } from './settings';
import { testDispatch } from './test-dispatch';
import type { DispatchParts } from './test-dispatch';

/** Making its keys takes the simulator seconds when the processor is busy. */
const START_TIMEOUT_MS = 30_000;

/** What this file needs of `@reveille/simulator`, which only tests may import. */
interface TestSimulator {
  readonly fcmUrl: string;
  readonly files: { readonly ca: string; readonly serviceAccount: string };
  clearCommands(): void;
  clearReceived(): void;
  setLatency(ms: number): void;
  close(): Promise<void>;
}

type StartProvider = (settings?: object, options?: Partial<FcmProviderOptions>) => Provider;

/** A simulator for all tests of a file, and providers that end with the test that started them. */
export interface TestFcm<Simulator> {
  readonly simulator: () => Simulator;
  readonly startProvider: StartProvider;
}

/** To be called at the top of a test file, with `startSimulator`. */
export function useTestFcm<Simulator extends TestSimulator>(
  startSimulator: () => Promise<Simulator>,
): TestFcm<Simulator> {
  let running: Simulator | undefined;
  const open: Provider[] = [];

  beforeAll(async () => {
    running = await startSimulator();
  }, START_TIMEOUT_MS);
  afterEach(async () => {
    await Promise.all(open.splice(0).map((provider) => provider.close(0)));
    running?.clearCommands();
    running?.clearReceived();
    running?.setLatency(0);
  });
  afterAll(() => running?.close());

  const simulator = () => {
    if (running === undefined) throw new Error('the simulator runs in tests only');
    return running;
  };
  return {
    simulator,
    startProvider(settings, options) {
      const provider = startTestProvider(simulator(), settings, options);
      open.push(provider);
      return provider;
    },
  };
}

/** A provider with the simulator's credentials; the caller closes it. */
export function startTestProvider(
  { fcmUrl, files }: TestSimulator,
  settings: object = {},
  options: Partial<FcmProviderOptions> = {},
): Provider {
  const parsed = z.strictObject(fcmSettingsShape).parse({
    type: 'fcm',
    service_account_file: files.serviceAccount,
    ca_file: files.ca,
    url: fcmUrl,
    ...settings,
  });
  const { credentials, problems } = loadFcmCredentials(parsed, (path) => readFileSync(path, 'utf8'));
  if (credentials === undefined) throw new Error(JSON.stringify(problems));
  return createFcmProvider({ settings: parsed, credentials, environment: {}, ...options });
}

/** A push with a minute left by the real clock. */
export function push(parts: DispatchParts = {}): Dispatch {
  return testDispatch({ deadline: Date.now() + 60_000, ...parts });
}
