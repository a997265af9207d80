import type { Terminal } from './command';

/** A terminal of the tests: nobody is there, unless they type something. */
export interface TestTerminal extends Terminal {
  /** What is typed (or, without a keyboard, piped in) next. */
  type(...secrets: readonly string[]): void;
  /** Whether the next commands have somebody at a keyboard before them. */
  sit(down: boolean): void;
  interrupt(): void;
  /** Everything that was asked and shown since the last call. */
  seen(): string[];
}

export const TEST_USER = 'alice';

export function testTerminal(): TestTerminal {
  let isSeated = false;
  let secrets: string[] = [];
  let seen: string[] = [];
  let controller = new AbortController();
  return {
    user: TEST_USER,
    get asks() {
      return isSeated;
    },
    readSecret: (question) => {
      seen.push(question);
      return Promise.resolve(secrets.shift());
    },
    showProgress: (line) => void seen.push(line),
    interruption: () => {
      controller = new AbortController();
      return controller.signal;
    },
    type: (...typed) => {
      secrets = [...typed];
    },
    sit: (down) => {
      isSeated = down;
    },
    interrupt: () => controller.abort(),
    seen: () => {
      const since = seen;
      seen = [];
      return since;
    },
  };
}
