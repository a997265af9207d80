import { compileAppRoutes, isGlob } from '@reveille/config';

import { NO_SUCH_APP, WrongInput } from './routes/answers';

/** The apps of the configuration, as people name them. */
export interface AppDirectory {
  /** Keys of `apps`: app ids and globs. */
  readonly keys: readonly string[];
  /** The key of an app, or of one that serves this app id; undefined: none does, or several globs. */
  find(name: string): string | undefined;
  /** The same. @throws WrongInput */
  mustFind(name: string, field?: string): string;
  /** An app id, by which pushkeys are hashed, with its key. A glob is none. @throws WrongInput */
  mustBeAppId(name: string, field?: string): { readonly key: string; readonly appId: string };
}

export function createAppDirectory(keys: readonly string[]): AppDirectory {
  const route = compileAppRoutes(keys);
  const find = (name: string): string | undefined => {
    if (keys.includes(name)) return name;
    const found = route(name);
    return found.kind === 'exact' || found.kind === 'glob' ? found.key : undefined;
  };
  const mustFind = (name: string, field = 'app'): string => {
    const key = find(name);
    if (key === undefined) throw new WrongInput(field, NO_SUCH_APP);
    return key;
  };
  return {
    keys,
    find,
    mustFind,
    mustBeAppId(name, field = 'app') {
      const key = mustFind(name, field);
      if (isGlob(name)) throw new WrongInput(field, "must be the app id of the pusher, not a glob: its pushkey's hash is made of both");
      return { key, appId: name };
    },
  };
}
