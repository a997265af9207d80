import { configSchema, looseAppSchema, readEnvironment } from '@reveille/config';
import { runMain } from '@reveille/role';
import { startIngress } from './start-ingress';

runMain(
  {
    role: 'ingress',
    schema: configSchema(looseAppSchema),
    start: startIngress,
    shutdownGraceMs: ({ http }) => http.shutdown_grace,
  },
  readEnvironment(),
);
