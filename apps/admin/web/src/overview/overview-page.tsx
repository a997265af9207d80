import { usePoll } from '../hooks/use-poll';
import { useApi } from '../session/session-context';
import { Moment } from '../parts/moment';
import { PageHead } from '../parts/page-head';
import { ProblemNote } from '../parts/problem-note';
import { ViewerNote } from '../parts/viewer-note';
import { AppCard } from './app-card';
import { worstFirst } from './app-state';
import { HistorySection } from './history-section';
import { SystemSection } from './system-section';

/** Often enough to see what one's own action did. Milliseconds. */
const APPS_EVERY_MS = 2_000;

/** Every app and the whole system, as they are now. */
export function OverviewPage() {
  const api = useApi();
  const { value, problem, at, reload } = usePoll('apps', () => api.apps(), APPS_EVERY_MS);
  const apps = value?.apps;
  return (
    <>
      <PageHead title="Overview">
        {at && (
          <small>
            As of <Moment at={at} />, renewed every two seconds
          </small>
        )}
      </PageHead>
      <ViewerNote />
      <ProblemNote problem={problem} shownSince={at} onRetry={reload} />
      {!apps && !problem && <p aria-busy="true">Reading the queues</p>}
      {apps?.length === 0 && (
        <p class="note">
          No app is configured. Add one under <code>apps</code> of the configuration and restart the relay.
        </p>
      )}
      {apps && (
        <section class="cards" aria-label="Apps">
          {worstFirst(apps).map((app) => (
            <AppCard key={app.app} app={app} onChanged={reload} />
          ))}
        </section>
      )}
      {apps && apps.length > 0 && <HistorySection apps={apps.map(({ app }) => app)} />}
      <SystemSection />
    </>
  );
}
