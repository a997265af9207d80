import { configSchema, readEnvironment } from '@reveille/config';
import { runMain } from '@reveille/role';
import { appSchema, checkApp } from './app-schema';
import { startDispatcher } from './start-dispatcher';

runMain(
  {
    role: 'dispatcher',
    schema: configSchema(appSchema),
    checkApp,
    start: startDispatcher,
    shutdownGraceMs: ({ dispatcher }) => dispatcher.shutdown_grace,
  },
  readEnvironment(),
);
