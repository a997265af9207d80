import type { AppView } from '@reveille/admin-api';
import type { Actor, AppControls, AppGate, Audit } from '@reveille/queue';

import type { AppDirectory } from '../../app-directory';
import type { Identity } from '../../auth/identity';
import { noSuchApp, ok, type RouteAnswer } from '../answers';

/** What an operator may set for an app. Everything rejects when Redis does, and does nothing later then. */
export interface AppSwitches {
  gate(appKey: string): Pick<AppGate, 'pause' | 'resume' | 'read'>;
  setDraining(appKey: string, on: boolean): Promise<void>;
  setConcurrency(appKey: string, limit: AppControls['concurrency']): Promise<void>;
}

export interface AppControlDeps {
  readonly directory: AppDirectory;
  readonly audit: Pick<Audit, 'audited'>;
  readonly switches: AppSwitches;
  readonly readApp: (appKey: string) => Promise<AppView>;
}

export function actorOf({ name, role, via }: Identity): Actor {
  return { name, role, via };
}

/** Does something to the app of a path, if there is one, and answers with how it is then. */
export async function changeApp(deps: AppControlDeps, name: string, change: (appKey: string) => Promise<unknown>): Promise<RouteAnswer> {
  const appKey = deps.directory.find(name);
  if (appKey === undefined) return noSuchApp();
  await change(appKey);
  return ok({ app: await deps.readApp(appKey) });
}
