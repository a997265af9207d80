import { resolvePath } from '@reveille/config';
import type { Provider, SettingProblem } from '@reveille/provider';
import { fileReader, type AppSettings } from './app-schema';
import { createProvider, type ProviderContext } from './create-provider';
import { readCredentialFiles, recordFiles } from './credential-files';
import { createReplaceableProvider } from './replaceable-provider';
import { watchFiles, type FileWatch } from './watch-files';

/** What a look at an app's changed files has led to. `restored`: they hold again what is in use. */
export type Reload =
  | { readonly kind: 'reloaded' }
  | { readonly kind: 'refused'; readonly problems: readonly SettingProblem[] }
  | { readonly kind: 'restored' };

/** A provider that follows its key files and certificates: the new content is used without a restart. */
export interface ReloadingProvider extends Provider {
  /** Differs when the content of the files in use differs. */
  filesInUse(): string;
  /** Watches the files from now on, until it is closed, and tells `onReload` what came of each change. */
  watch(onReload: (reload: Reload) => void): void;
}

export interface ReloadingProviderOptions {
  readonly app: AppSettings;
  readonly context: ProviderContext;
  /** Milliseconds between two looks at the files; a change is used after two of them. Default 2,000. */
  readonly intervalMs?: number;
}

/** Kubernetes brings a changed secret after about a minute: seconds are soon enough. Milliseconds. */
const LOOK_INTERVAL_MS = 2000;

/** Throws when the files have changed since the configuration was checked. */
export function createReloadingProvider(options: ReloadingProviderOptions): ReloadingProvider {
  const { app, context, intervalMs = LOOK_INTERVAL_MS } = options;
  const { baseDirectory } = context;
  const recorded = recordFiles(fileReader(baseDirectory));
  const first = createProvider(app, context, recorded.read);
  if (!first.ok) throw new Error('the credential files changed while the dispatcher started');
  const provider = createReplaceableProvider(first.provider);

  const { paths, fingerprint } = recorded.files();
  const resolve = (path: string): string => resolvePath(baseDirectory, path);
  let inUse = fingerprint;
  let lastJudged = fingerprint;
  const judge = async (): Promise<Reload | undefined> => {
    const files = await readCredentialFiles(paths, resolve);
    if (files.fingerprint === lastJudged) return undefined;
    lastJudged = files.fingerprint;
    if (files.fingerprint === inUse) return { kind: 'restored' };
    const next = createProvider(app, context, (path) => files.read(path));
    if (!next.ok) return { kind: 'refused', problems: next.problems };
    inUse = files.fingerprint;
    provider.replace(next.provider);
    return { kind: 'reloaded' };
  };

  let watch: FileWatch | undefined;
  let closed = false;
  return {
    ...provider,
    filesInUse: () => inUse,
    watch(onReload) {
      if (paths.length === 0) return;
      const onSettled = async (): Promise<void> => {
        const reload = await judge();
        if (reload && !closed) onReload(reload);
      };
      watch = watchFiles({ files: paths.map(resolve), intervalMs, onSettled });
    },
    close(graceMs) {
      closed = true;
      watch?.close();
      return provider.close(graceMs);
    },
  };
}
