import type { AppView } from '@reveille/admin-api';

import { formatCount } from '../format/numbers';

/** What the provider answered in the last hour, most first. */
export function AnswerList({ answers }: { readonly answers: AppView['answers'] }) {
  if (answers.length === 0) return null;
  const sorted = answers.toSorted((one, other) => other.count - one.count);
  return (
    <details>
      <summary>Provider answers in the last hour: {formatCount(answers.reduce((sum, { count }) => sum + count, 0))}</summary>
      <ul class="answers">
        {sorted.map(({ status, reason, count }) => (
          <li key={`${status} ${reason}`}>
            <span>
              <strong>{status}</strong> {reason}
            </span>
            <span>{formatCount(count)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
