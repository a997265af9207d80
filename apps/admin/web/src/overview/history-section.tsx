import type { AppHistory } from '@reveille/admin-api';
import { useId, useState } from 'preact/hooks';

import type { AdminApi } from '../http/admin-api';
import type { Result } from '../http/problem';
import { usePoll } from '../hooks/use-poll';
import { ProblemNote } from '../parts/problem-note';
import { useApi } from '../session/session-context';
import { HistoryChart } from './history-chart';
import { toColumns } from './history';

/** There is something new once a minute, which shows at once in a chart of an hour and hardly in one of a day. Milliseconds. */
const HOUR_EVERY_MS = 15_000;
const HOURS_EVERY_MS = 60_000;
/** Each app is a question of its own; beyond this, one looks at one app. */
const MOST_ADDED_UP = 10;
const HOURS = [1, 6, 24] as const;
/** No key of `apps` is empty. */
const ALL = '';

function everyMs(hours: number): number {
  return hours === HOURS[0] ? HOUR_EVERY_MS : HOURS_EVERY_MS;
}

/** Pushes per minute over the last hours, of one app or of all. */
export function HistorySection({ apps }: { readonly apps: readonly string[] }) {
  const id = useId();
  const api = useApi();
  const mayAddUp = apps.length > 1 && apps.length <= MOST_ADDED_UP;
  const [chosen, setChosen] = useState(ALL);
  const [hours, setHours] = useState<number>(HOURS[0]);
  const shown = chosen !== ALL && apps.includes(chosen) ? [chosen] : mayAddUp ? apps : apps.slice(0, 1);
  const { value, problem, at, reload } = usePoll(
    `history ${hours} ${shown.join(' ')}`,
    () => readHistories(api, shown, hours),
    everyMs(hours),
  );
  return (
    <section aria-labelledby={id}>
      <header class="section-head">
        <h2 id={id}>Pushes per minute</h2>
        <div class="choices">
          <select
            aria-label="App of the chart"
            value={shown.length === 1 ? shown[0] : ALL}
            onChange={(event) => {
              setChosen(event.currentTarget.value);
            }}
          >
            {mayAddUp && <option value={ALL}>All apps</option>}
            {apps.map((app) => (
              <option key={app} value={app}>
                {app}
              </option>
            ))}
          </select>
          <select
            aria-label="Time of the chart"
            value={hours}
            onChange={(event) => {
              setHours(Number(event.currentTarget.value));
            }}
          >
            {HOURS.map((each) => (
              <option key={each} value={each}>
                {each === 1 ? 'Last hour' : `Last ${each} hours`}
              </option>
            ))}
          </select>
        </div>
      </header>
      <ProblemNote problem={problem} shownSince={at} onRetry={reload} />
      {value ? <HistoryChart columns={toColumns(value, at ?? new Date())} hours={hours} /> : !problem && <p aria-busy="true">Reading the history</p>}
    </section>
  );
}

async function readHistories(api: AdminApi, apps: readonly string[], hours: number): Promise<Result<AppHistory['minutes'][]>> {
  const results = await Promise.all(apps.map((app) => api.history(app, hours)));
  const failed = results.find((result) => !result.ok);
  if (failed && !failed.ok) return failed;
  return { ok: true, value: results.flatMap((result) => (result.ok ? [result.value.minutes] : [])) };
}
