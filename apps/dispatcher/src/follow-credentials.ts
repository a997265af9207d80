import type { DispatcherMetrics, Logger } from '@reveille/observability';
import { describeRedisFailure, type AppGate } from '@reveille/queue';
import type { Reload, ReloadingProvider } from './reloading-provider';

export interface FollowOptions {
  readonly appKey: string;
  readonly provider: ReloadingProvider;
  readonly gate: AppGate;
  readonly metrics: Pick<DispatcherMetrics, 'credentialFilesChanged'>;
  readonly logger: Logger;
}

/**
 * Watches the credential files of an app: what they hold is used from then on, and opens the app if it was parked (DESIGN.md
 * rule 8). A file that cannot be used changes nothing but is told, once for each content.
 */
export function followCredentials({ appKey, provider, gate, metrics, logger }: FollowOptions): void {
  const app = appKey;
  const tell = (reload: Reload): void => {
    metrics.credentialFilesChanged(app, reload.kind);
    switch (reload.kind) {
      case 'reloaded':
        logger.info({ app }, 'the credential files have changed: the new ones are used');
        return;
      case 'restored':
        logger.info({ app }, 'the credential files are again those in use');
        return;
      case 'refused': {
        const problems = reload.problems.map(({ path, message }) => [...path, message].join(' '));
        logger.warn({ app, problems }, 'the changed credential files cannot be used: the old ones stay in use');
        return;
      }
      default:
        reload satisfies never;
    }
  };
  provider.watch((reload) => {
    tell(reload);
    if (reload.kind !== 'reloaded') return;
    openIfParked(gate)
      .then((opened) => opened && logger.info({ app }, 'was parked and runs again: its credential files have changed'))
      .catch((error: unknown) => logger.warn({ app, failure: describeRedisFailure(error) }, 'could not be opened'));
  });
}

/** A pause that the provider asked for, or its outage, has nothing to do with the credential, and stays. */
async function openIfParked(gate: AppGate): Promise<boolean> {
  const now = await gate.read();
  const isParked = now?.state === 'parked' || (now?.state === 'probing' && now.out === undefined);
  if (!isParked) return false;
  await gate.resume();
  return true;
}
