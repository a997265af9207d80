import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

import { isUnauthenticated, type Problem, type Result } from '../http/problem';
import { useSession } from '../session/session-context';
import { startPolling } from './polling';

export interface Polled<Value> {
  /** The last good answer, kept while later ones fail. */
  readonly value: Value | undefined;
  /** Why there is no newer one. */
  readonly problem: Problem | undefined;
  /** When `value` came. */
  readonly at: Date | undefined;
  /** Asks again at once. */
  readonly reload: () => void;
}

interface Kept<Value> {
  readonly key: string;
  readonly value?: Value;
  readonly problem?: Problem;
  readonly at?: Date;
}

/**
 * Asks while somebody looks at the page and is logged in: every `intervalMs`, or once and at `reload` without it. A new `key`
 * (whatever the question depends on) asks at once and forgets the answers to the old one.
 */
export function usePoll<Value>(key: string, ask: () => Promise<Result<Value>>, intervalMs?: number): Polled<Value> {
  const { isActive } = useSession();
  const [kept, setKept] = useState<Kept<Value>>({ key });
  const [round, setRound] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;

  useEffect(() => {
    if (!isActive) return undefined;
    let over = false;
    const stop = startPolling({
      ask: async () => {
        const result = await latest.current();
        if (!over) setKept((before) => keep(key, before, result));
      },
      intervalMs,
      surface: document,
    });
    return () => {
      over = true;
      stop();
    };
  }, [key, intervalMs, isActive, round]);

  const reload = useCallback(() => {
    setRound((before) => before + 1);
  }, []);
  const { value, problem, at } = ofKey(key, kept);
  return { value, problem, at, reload };
}

function ofKey<Value>(key: string, kept: Kept<Value>): Kept<Value> {
  return kept.key === key ? kept : { key };
}

function keep<Value>(key: string, before: Kept<Value>, result: Result<Value>): Kept<Value> {
  if (result.ok) return { key, value: result.value, at: new Date() };
  // The login stands over the page then, and says so itself.
  return isUnauthenticated(result.problem) ? ofKey(key, before) : { ...ofKey(key, before), problem: result.problem };
}
