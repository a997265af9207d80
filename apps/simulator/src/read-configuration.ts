import { configSchema, formatProblems, loadConfig, looseAppSchema, type ConfigLocation } from '@reveille/config';
import { z } from 'zod';

import type { SimulatorOptions } from './simulator';

/** Of these an `url` speaks of the simulator. */
const LOCAL_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1']);
const HTTPS_PORT = 443;

const name = (example: string) => z.string().min(1).optional().meta({ example });
const url = (example: string) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && /^https?:/.test(text), 'must be a URL')
    .optional()
    .meta({ example });

/** Of an app's settings only what a stand-in has to know; the rest, the key files among it, is the dispatcher's. */
const appSchema = looseAppSchema.extend({
  topic: name('com.example.app'),
  key_id: name('ABC1234567'),
  team_id: name('TEAM123456'),
  project_id: name('my-project'),
  url: url('https://localhost:2197'),
  token_url: url('https://localhost:2198/token'),
});
type App = z.output<typeof appSchema>;

export type ReadConfiguration =
  | { readonly ok: true; readonly options: SimulatorOptions }
  /** `problems`: as text, for a terminal. */
  | { readonly ok: false; readonly problems: string };

/** What a relay's configuration file says about the providers that its apps call, so that it can call the simulator. */
export function readConfiguration(location: ConfigLocation): ReadConfiguration {
  const loaded = loadConfig({ ...location, schema: configSchema(appSchema) });
  if (!loaded.ok) return { ok: false, problems: formatProblems(loaded.file, loaded.problems) };
  const apps = Object.values(loaded.settings.apps);
  return { ok: true, options: { ...apnsOptions(apps), ...fcmOptions(apps) } };
}

function apnsOptions(all: readonly App[]): SimulatorOptions {
  const apps = all.filter(({ type }) => type === 'apns');
  const topics = apps.flatMap(({ topic }) => topic ?? []);
  // An app without `topic` has that of its certificate: it is not known here, so any is accepted.
  const areKnown = topics.length > 0 && topics.length === apps.length;
  return withoutUndefined({
    topics: areKnown ? topics : undefined,
    keyId: firstOf(apps, ({ key_id: keyId }) => keyId),
    teamId: firstOf(apps, ({ team_id: teamId }) => teamId),
    apnsPort: firstOf(apps, (app) => localPort(app.url)),
  });
}

function fcmOptions(all: readonly App[]): SimulatorOptions {
  const apps = all.filter(({ type }) => type === 'fcm' || type === 'gcm');
  return withoutUndefined({
    projectId: firstOf(apps, ({ project_id: projectId }) => projectId),
    fcmPort: firstOf(apps, (app) => localPort(app.url)),
    tokenPort: firstOf(apps, (app) => localPort(app.token_url)),
  });
}

/** The simulator is one APNs and one FCM: of several apps the first counts. */
function firstOf<T>(apps: readonly App[], read: (app: App) => T | undefined): T | undefined {
  return apps.map(read).find((value) => value !== undefined);
}

function localPort(address: string | undefined): number | undefined {
  if (address === undefined) return undefined;
  const { hostname, port } = new URL(address);
  return LOCAL_HOSTS.has(hostname) ? Number(port || HTTPS_PORT) : undefined;
}

type Present<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(options: T): Present<T> {
  // The entries are T's own, fewer of them.
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Present<T>;
}
