import { configSchema, readEnvironment } from '@reveille/config';
import { endWhenHung } from '@reveille/observability';
import { runMain } from '@reveille/role';
import { appSchema, checkApp } from './app-schema';
import { startDispatcher } from './start-dispatcher';

/**
 * A push that puts its handler into an endless loop would hold all apps of this process. Less than a lock (30 s): whoever takes over
 * what was under way then finds no push that is still being sent.
 */
const HANG_LIMIT_MS = 20_000;

runMain(
  {
    role: 'dispatcher',
    schema: configSchema(appSchema),
    checkApp,
    start: (context) => {
      endWhenHung({ limitMs: HANG_LIMIT_MS, role: 'dispatcher' });
      return startDispatcher(context);
    },
    shutdownGraceMs: ({ dispatcher }) => dispatcher.shutdown_grace,
  },
  readEnvironment(),
);
