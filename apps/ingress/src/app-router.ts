import { compileAppRoutes } from '@reveille/config';
import type { AppPolicy, AppRoute } from '@reveille/relay';
import type { FormerApps } from './former-apps';

export interface AppRouterOptions {
  readonly apps: readonly AppPolicy[];
  /** Absent: an app that is not configured is unknown at once. */
  readonly formerApps?: Pick<FormerApps, 'isRead' | 'find' | 'servedBefore'>;
}

/** Where an app id leads: the configuration decides, and where it knows nothing, what was served until lately. */
export function createAppRouter({ apps, formerApps }: AppRouterOptions): (appId: string) => AppRoute {
  const match = compileAppRoutes(apps.map(({ key }) => key));
  const routes = new Map(apps.map((app): [string, AppRoute] => [app.key, { kind: 'app', app }]));
  const former = (appId: string): AppRoute => {
    if (!formerApps) return { kind: 'none' };
    if (!formerApps.isRead()) return { kind: 'undecided' };
    const key = formerApps.find(appId);
    return key === undefined ? { kind: 'none' } : { kind: 'removed', key };
  };
  return (appId) => {
    const found = match(appId);
    switch (found.kind) {
      case 'exact':
      case 'glob':
        return routes.get(found.key) ?? { kind: 'none' };
      case 'none':
        return former(appId);
      case 'ambiguous': {
        if (formerApps?.isRead() === false) return { kind: 'undecided' };
        const key = formerApps?.servedBefore(found.keys);
        return key === undefined ? { kind: 'ambiguous' } : { kind: 'removed', key };
      }
      default:
        return found satisfies never;
    }
  };
}
