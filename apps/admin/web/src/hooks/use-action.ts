import { useCallback, useRef, useState } from 'preact/hooks';

import type { Problem, Result } from '../http/problem';

export interface Action<Input> {
  readonly busy: boolean;
  /** Why the last try failed. */
  readonly problem: Problem | undefined;
  /** Does it; a second call while the first is under way is ignored. */
  readonly run: (input: Input) => void;
  readonly clearProblem: () => void;
}

/** Something that is done once when somebody asks for it, with what to do after it went well. */
export function useAction<Input, Value>(
  act: (input: Input) => Promise<Result<Value>>,
  onDone: (value: Value, input: Input) => void,
): Action<Input> {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const underWay = useRef(false);

  const run = (input: Input): void => {
    if (underWay.current) return;
    underWay.current = true;
    setBusy(true);
    setProblem(undefined);
    void act(input).then((result) => {
      underWay.current = false;
      setBusy(false);
      if (result.ok) onDone(result.value, input);
      else setProblem(result.problem);
    });
  };
  const clearProblem = useCallback(() => {
    setProblem(undefined);
  }, []);
  return { busy, problem, run, clearProblem };
}
