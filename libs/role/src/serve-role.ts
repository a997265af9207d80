import type { CommonSettings } from '@reveille/config';
import { startMetricsServer, type MetricsServerOptions, type Readiness } from '@reveille/observability';
import type { RoleContext, RunningRole } from './run-role';

/** What a role has to offer to the outside once it is composed. */
export interface RoleParts {
  readonly role: keyof CommonSettings['metrics']['ports'];
  readonly registry: MetricsServerOptions['registry'];
  readonly readiness: () => Promise<Readiness>;
  /** Opens the role's own surface, if it has one, and says where. */
  readonly listen?: () => Promise<Readonly<Record<string, string>>>;
  /** Ends the role. Also called when a port cannot be had. */
  readonly close: () => Promise<void>;
}

/**
 * How long a role that listens waits for Redis before it says so, in milliseconds: whoever starts it and calls it at once is
 * served then. A Redis that is away does not keep it from starting.
 */
const READY_PATIENCE_MS = 1500;
const LOOK_MS = 25;

/** The last step of every role's start: its own surface, then its metrics port. Closes everything if one of them fails. */
export async function serveRole(context: RoleContext<CommonSettings>, parts: RoleParts): Promise<RunningRole> {
  const { settings, logger } = context;
  try {
    const urls = (await parts.listen?.()) ?? {};
    const metricsServer = await startMetricsServer({
      registry: parts.registry,
      health: parts.readiness,
      bindAddress: settings.metrics.bind_address,
      port: context.metricsPort ?? settings.metrics.ports[parts.role],
      logger,
    });
    await becomeReady(parts.readiness);
    return {
      urls: { ...urls, metrics: metricsServer.url },
      // The metrics port last: how the end goes can be watched.
      close: async () => {
        await parts.close();
        await metricsServer.close();
      },
    };
  } catch (error) {
    await parts.close();
    throw error;
  }
}

async function becomeReady(readiness: RoleParts['readiness']): Promise<void> {
  const deadline = performance.now() + READY_PATIENCE_MS;
  while (!(await readiness()).ready && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
