import { NO_PROXY_AT_ALL, type Environment } from '@reveille/config';
import { proxyFor } from '@reveille/http2-transport';
import type { Provider } from '@reveille/provider';
import { createApnsProvider, loadApnsCredentials } from '@reveille/provider-apns';
import { createFcmProvider, loadFcmCredentials } from '@reveille/provider-fcm';
import { fileReader, type AppSettings } from './app-schema';

export interface ProviderContext {
  readonly baseDirectory: string;
  readonly environment: Environment;
  /** The top-level `proxy`. */
  readonly proxy: string | undefined;
  readonly requestTimeoutMs: number;
}

/** The provider of one app. Throws when its files have changed since the configuration was checked. */
export function createProvider(app: AppSettings, context: ProviderContext): Provider {
  const readFile = fileReader(context.baseDirectory);
  const configured = app.proxy ?? context.proxy;
  const options = {
    proxy: (origin: string) => proxyFor(origin, configured === NO_PROXY_AT_ALL ? '' : configured, context.environment),
    requestTimeoutMs: context.requestTimeoutMs,
  };
  switch (app.type) {
    case 'apns':
      return createApnsProvider({ settings: app, credentials: present(loadApnsCredentials(app, readFile)), ...options });
    case 'fcm':
    case 'gcm':
      return createFcmProvider({
        settings: app,
        credentials: present(loadFcmCredentials(app, readFile)),
        environment: context.environment,
        ...options,
      });
    default:
      return app satisfies never;
  }
}

function present<C>({ credentials }: { readonly credentials?: C }): C {
  if (credentials === undefined) throw new Error('the credential files changed while the dispatcher started');
  return credentials;
}
