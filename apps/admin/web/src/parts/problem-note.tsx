import { describeProblem, type Problem } from '../http/problem';
import { Moment } from './moment';

interface ProblemNoteProps {
  readonly problem: Problem | undefined;
  /** When what is still shown was true. */
  readonly shownSince?: Date | undefined;
  readonly onRetry?: () => void;
}

/** Why something is missing or old, and a way to try again. Takes no room while there is no problem. */
export function ProblemNote({ problem, shownSince, onRetry }: ProblemNoteProps) {
  return (
    <div role="alert">
      {problem && (
        <p class="note problem">
          {describeProblem(problem)}
          {shownSince && (
            <>
              {' '}
              What is shown is of <Moment at={shownSince} />.
            </>
          )}
          {onRetry && (
            <button type="button" class="small secondary outline" onClick={onRetry}>
              Try again
            </button>
          )}
        </p>
      )}
    </div>
  );
}
