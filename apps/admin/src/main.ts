import { readEnvironment } from '@reveille/config';

import { runAdmin } from './run-admin';

void runAdmin({
  args: process.argv.slice(2),
  environment: readEnvironment(),
  cwd: process.cwd(),
  writeError: (text) => process.stderr.write(text),
}).then((exitCode) => {
  if (exitCode !== undefined) {
    process.exitCode = exitCode;
    // An open IPC channel would keep the process alive.
    if (process.connected) process.disconnect();
  }
});
