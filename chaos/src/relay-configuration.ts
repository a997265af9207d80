import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { apnsApp, fcmApp, type Simulator } from '@reveille/simulator';

import { APPS } from './devices';

export interface RelayConfigurationOptions {
  readonly directory: string;
  readonly redis: Readonly<Record<string, unknown>>;
  readonly simulator: Simulator;
  /** Where the dispatchers find the providers: the stretch of network that can be cut. */
  readonly proxyPorts: { readonly apns: number; readonly fcm: number };
  /** Sections of the scenario's own, each replacing the suite's. */
  readonly sections?: Readonly<Record<string, unknown>>;
}

/** The namespace of the relay under test. */
export const REDIS_PREFIX = 'chaos';

/** Short where a scenario would wait for it; docs/reliability.md tells which differ from the defaults. */
const SECTIONS = {
  log: { level: 'info', format: 'json' },
  retry: { base: '500ms', cap: '5s' },
  dispatcher: { concurrency: 50 },
  dedupe: { window: '10m' },
};

/** Writes the relay's configuration file and returns its path. */
export function writeRelayConfiguration(options: RelayConfigurationOptions): string {
  const { directory, redis, simulator, proxyPorts, sections = {} } = options;
  const file = join(directory, 'reveille.yaml');
  const ios = apnsApp(simulator, { url: `https://localhost:${proxyPorts.apns}` });
  const android = fcmApp(simulator, { url: `https://localhost:${proxyPorts.fcm}` });
  const configuration = {
    ...SECTIONS,
    ...sections,
    redis: { prefix: REDIS_PREFIX, ...redis },
    apps: {
      [APPS.ios]: ios,
      [APPS.iosBeta]: ios,
      [APPS.android]: android,
      [APPS.androidBeta]: android,
    },
  };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(configuration, undefined, 2), { mode: 0o600 });
  return file;
}
