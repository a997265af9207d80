import { compileAppRoutes } from '@reveille/config';

import { didYouMean } from './did-you-mean';

export type FoundApp = { readonly ok: true; readonly key: string } | { readonly ok: false; readonly message: string };

/**
 * The app that an operator means: a key of the configuration as it stands there, or an app id that one of them serves.
 *
 * @param apps keys of `apps`: app ids and globs
 */
export function findApp(name: string, apps: readonly string[]): FoundApp {
  if (apps.includes(name)) return { ok: true, key: name };
  const route = compileAppRoutes(apps)(name);
  switch (route.kind) {
    case 'exact':
    case 'glob':
      return { ok: true, key: route.key };
    case 'ambiguous':
      return { ok: false, message: `'${name}' fits several globs, so no app serves it: ${route.keys.join(', ')}` };
    case 'none':
      return { ok: false, message: `no app '${name}' in the configuration${didYouMean(name, apps) || `; it has ${apps.join(', ') || 'none'}`}` };
    default:
      return route satisfies never;
  }
}
