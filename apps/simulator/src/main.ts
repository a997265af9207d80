import { readEnvironment } from '@reveille/config';

import { runSimulator } from './run-simulator';

const stopped = new Promise<void>((resolve) => {
  process.once('SIGTERM', () => resolve());
  process.once('SIGINT', () => resolve());
  // Only with an IPC channel: the supervisor is gone, however it went.
  process.once('disconnect', () => resolve());
});

void runSimulator(process.argv.slice(2), {
  environment: readEnvironment(),
  cwd: process.cwd(),
  write: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
  // With a callback, a parent that has just gone is no error: 'disconnect' tells.
  ready: (message) => process.send?.(message, undefined, undefined, () => undefined),
  stopped,
}).then((code) => {
  process.exitCode = code;
  // An open IPC channel would keep the process alive.
  if (process.connected) process.disconnect();
});
