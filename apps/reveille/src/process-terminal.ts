import { userInfo } from 'node:os';

import type { Terminal } from './command';
import { readHiddenLine, readToEnd } from './read-secret';

/** Erases the line and goes back to its beginning: ECMA-48, EL and CR. */
const ERASE_LINE = '\r\u001B[K';

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdin, stderr } = process;
  return {
    user: userName(),
    asks: stdin.isTTY,
    readSecret: (question) => (stdin.isTTY ? readHiddenLine(stdin, stderr, question) : readToEnd(stdin)),
    showProgress: (line) => {
      if (stderr.isTTY) stderr.write(`${ERASE_LINE}${line}`);
    },
    interruption: () => {
      const controller = new AbortController();
      const signals = ['SIGINT', 'SIGTERM'] as const;
      const interrupt = (): void => {
        for (const signal of signals) process.off(signal, interrupt);
        controller.abort();
      };
      for (const signal of signals) process.on(signal, interrupt);
      return controller.signal;
    },
  };
}

/** Of the account, not of `$USER`, which anybody may set. In a container there may be a number only. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
