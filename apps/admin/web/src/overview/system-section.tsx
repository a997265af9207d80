import { useId } from 'preact/hooks';

import { usePoll } from '../hooks/use-poll';
import { ProblemNote } from '../parts/problem-note';
import { useApi } from '../session/session-context';
import { ProcessTable } from './process-table';
import { RedisHealth } from './redis-health';

/** Processes tell of themselves every five seconds. Milliseconds. */
const SYSTEM_EVERY_MS = 5_000;

/** Redis and the relay's processes. */
export function SystemSection() {
  const id = useId();
  const api = useApi();
  const { value, problem, at, reload } = usePoll('system', () => api.system(), SYSTEM_EVERY_MS);
  return (
    <section aria-labelledby={id}>
      <header class="section-head">
        <h2 id={id}>System</h2>
      </header>
      <ProblemNote problem={problem} shownSince={at} onRetry={reload} />
      {!value && !problem && <p aria-busy="true">Reading Redis and the processes</p>}
      {value && (
        <>
          <RedisHealth redis={value.redis} />
          <ProcessTable processes={value.processes} />
        </>
      )}
    </section>
  );
}
