import { readEnvironment } from '@reveille/config';

import { runCommandLine } from './command-line';
import { processTerminal } from './process-terminal';

const FIRST_ARGUMENT = 2;

void runCommandLine(process.argv.slice(FIRST_ARGUMENT), {
  environment: readEnvironment(),
  cwd: process.cwd(),
  print: (text) => void process.stdout.write(text),
  complain: (text) => void process.stderr.write(text),
  terminal: processTerminal(),
}).then((exitCode) => {
  process.exit(exitCode);
});
