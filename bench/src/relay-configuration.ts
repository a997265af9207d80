import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REDIS_PREFIX } from './bench-redis';
import { APNS_APP, FCM_APP } from './notify-bodies';
import type { PushKeys } from './push-keys';

export interface RelayConfigurationOptions {
  readonly directory: string;
  readonly keys: PushKeys;
  readonly redisUrl: string;
  readonly push: { readonly pushUrl: string; readonly tokenUrl: string };
  /** Pushes in flight of each app. */
  readonly concurrency: number;
}

/** Writes the relay's configuration file and returns its path: defaults but for what has to be named. */
export function writeRelayConfiguration(options: RelayConfigurationOptions): string {
  const { directory, keys, redisUrl, push, concurrency } = options;
  const file = join(directory, 'reveille.yaml');
  const anyPort = 0;
  const configuration = {
    http: { port: anyPort },
    admin: { port: anyPort },
    metrics: { ports: { ingress: anyPort, dispatcher: anyPort, admin: anyPort } },
    redis: { url: redisUrl, prefix: REDIS_PREFIX },
    // Redis is emptied between the rounds, and a key that is kept there would go too.
    privacy: { hash_key: 'bench-bench-bench-bench-bench-be' },
    apps: {
      [APNS_APP]: {
        type: 'apns',
        keyfile: keys.apnsKeyFile,
        key_id: 'BENCHKEY01',
        team_id: 'BENCHTEAM1',
        topic: 'com.example.app',
        url: push.pushUrl,
        ca_file: keys.caFile,
        concurrency,
      },
      [FCM_APP]: {
        type: 'fcm',
        project_id: 'bench',
        service_account_file: keys.serviceAccountFile,
        url: push.pushUrl,
        token_url: push.tokenUrl,
        ca_file: keys.caFile,
        concurrency,
        // As fast as it can, not as fast as Google lets it: benchmarks/governor.ts looks at that.
        quota: { enabled: false },
      },
    },
  };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(configuration, undefined, 2), { mode: 0o600 });
  return file;
}
