import { NO_PROXY_AT_ALL, type Environment } from '@reveille/config';
import { proxyFor } from '@reveille/http2-transport';
import type { Provider, SettingProblem } from '@reveille/provider';
import { createApnsProvider, loadApnsCredentials } from '@reveille/provider-apns';
import { createFcmProvider, loadFcmCredentials } from '@reveille/provider-fcm';
import type { AppSettings } from './app-schema';

export interface ProviderContext {
  readonly baseDirectory: string;
  readonly environment: Environment;
  /** The top-level `proxy`. */
  readonly proxy: string | undefined;
  readonly requestTimeoutMs: number;
  /** The clock by which deadlines were made (milliseconds since the epoch): it decides deaths and what time a push has left. */
  readonly now: () => number;
}

export type LoadedProvider =
  | { readonly ok: true; readonly provider: Provider }
  | { readonly ok: false; readonly problems: readonly SettingProblem[] };

/**
 * The provider of one app, or what is wrong with its files.
 *
 * @param readFile the text of a file by its path in the settings; throws as `readFileSync` does
 */
export function createProvider(
  app: AppSettings,
  context: ProviderContext,
  readFile: (path: string) => string,
): LoadedProvider {
  const configured = app.proxy ?? context.proxy;
  const options = {
    proxy: (origin: string) => proxyFor(origin, configured === NO_PROXY_AT_ALL ? '' : configured, context.environment),
    requestTimeoutMs: context.requestTimeoutMs,
    now: context.now,
  };
  switch (app.type) {
    case 'apns':
      return made(loadApnsCredentials(app, readFile), (credentials) =>
        createApnsProvider({ settings: app, credentials, ...options }),
      );
    case 'fcm':
    case 'gcm':
      return made(loadFcmCredentials(app, readFile), (credentials) =>
        createFcmProvider({ settings: app, credentials, environment: context.environment, ...options }),
      );
    default:
      return app satisfies never;
  }
}

interface Loaded<C> {
  readonly credentials?: C;
  readonly problems: readonly SettingProblem[];
}

function made<C>({ credentials, problems }: Loaded<C>, create: (credentials: C) => Provider): LoadedProvider {
  if (credentials === undefined) return { ok: false, problems };
  try {
    return { ok: true, provider: create(credentials) };
  } catch {
    // OpenSSL's own look at a certificate and key that we could read. Its words might quote.
    return { ok: false, problems: [{ path: [], message: 'the certificate or key is refused by OpenSSL' }] };
  }
}
