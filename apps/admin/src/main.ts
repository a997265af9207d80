import { configSchema, looseAppSchema, readEnvironment } from '@reveille/config';
import { runMain } from '@reveille/role';

import { CLOSE_GRACE_MS, startAdmin } from './start-admin';

runMain(
  {
    role: 'admin',
    schema: configSchema(looseAppSchema),
    start: startAdmin,
    shutdownGraceMs: () => CLOSE_GRACE_MS,
  },
  readEnvironment(),
);
