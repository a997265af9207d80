import type { ProcessCredential, ProcessInfo } from './process-types';

/** The credentials of each app as its dispatchers report them, by key of the app; of several the one that ends first. */
export function credentialsByApp(processes: readonly ProcessInfo[]): ReadonlyMap<string, readonly ProcessCredential[]> {
  const byApp = new Map<string, ProcessCredential[]>();
  const earliestFirst = processes.flatMap(({ credentials }) => credentials).sort((a, b) => a.expiresAt - b.expiresAt);
  for (const credential of earliestFirst) {
    const known = byApp.get(credential.app) ?? [];
    if (!known.some(({ kind }) => kind === credential.kind)) byApp.set(credential.app, [...known, credential]);
  }
  return byApp;
}
