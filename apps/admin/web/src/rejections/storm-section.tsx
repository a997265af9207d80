import { useId } from 'preact/hooks';

import { usePoll } from '../hooks/use-poll';
import { ProblemNote } from '../parts/problem-note';
import { useApi } from '../session/session-context';
import { StormCard } from './storm-card';

/** Milliseconds. */
const EVERY_MS = 2_000;

/** Rejections that are held because there were too many at once. */
export function StormSection() {
  const id = useId();
  const api = useApi();
  const { value, problem, at, reload } = usePoll('storms', () => api.storms(), EVERY_MS);
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>Storms</h2>
      <ProblemNote problem={problem} shownSince={at} onRetry={reload} />
      {!value && !problem && <p aria-busy="true">Reading the storms</p>}
      {value?.storms.length === 0 && (
        <p class="note good">No storm. When an app&apos;s rejections jump, they are held here instead of unsubscribing everybody.</p>
      )}
      {value?.storms.map((storm) => <StormCard key={storm.app} storm={storm} onChanged={reload} />)}
    </section>
  );
}
