import type { AppView } from '@reveille/admin-api';
import { useId } from 'preact/hooks';

import { formatCount } from '../format/numbers';
import { formatDuration } from '../format/times';
import { Facts, type Fact } from '../parts/facts';
import { linkTo } from '../routing/route';
import { AnswerList } from './answer-list';
import { AppControls } from './app-controls';
import { AppStateLine } from './app-state-line';
import { CredentialList } from './credential-list';
import { Numbers } from './numbers';
import { StormNote } from './storm-note';

interface AppCardProps {
  readonly app: AppView;
  /** Something was changed: the numbers are old. */
  readonly onChanged: () => void;
}

/** One app: how it is, its numbers now, and what can be done. */
export function AppCard({ app, onChanged }: AppCardProps) {
  const id = useId();
  const { rates } = app;
  return (
    <article aria-labelledby={id} class="app">
      <header>
        <h2 id={id}>{app.app}</h2>
        <AppStateLine app={app} />
      </header>
      {app.storm && <StormNote storm={app.storm} />}
      <Numbers
        label="In the last minute"
        numbers={[
          ['accepted', formatCount(rates.accepted)],
          ['delivered', formatCount(rates.delivered)],
          ['rejected', formatCount(rates.rejected)],
          ['failed', formatCount(rates.failed)],
        ]}
      />
      <Numbers
        label="In the queue"
        numbers={[
          ['waiting', formatCount(app.waiting)],
          ['delayed', formatCount(app.delayed)],
          ['active', formatCount(app.active)],
          ['failed', formatCount(app.failed), linkTo({ page: 'failed', filter: { app: app.app } })],
        ]}
      />
      <Facts facts={factsOf(app)} />
      <AnswerList answers={app.answers} />
      <CredentialList credentials={app.credentials} />
      <AppControls app={app} onChanged={onChanged} />
    </article>
  );
}

function factsOf({ oldest_waiting_ms, waiting, time_to_delivery_ms, concurrency_limit }: AppView): Fact[] {
  const delivery = time_to_delivery_ms;
  return [
    ['oldest waiting', waiting > 0 ? formatDuration(oldest_waiting_ms) : 'nothing waits'],
    [
      'time to delivery',
      delivery ? `p50 ${formatDuration(delivery.p50)}, p99 ${formatDuration(delivery.p99)}` : 'nothing delivered in 15 min',
    ],
    ['pushes at once', concurrency_limit === null ? undefined : `at most ${formatCount(concurrency_limit)}, set by an operator`],
  ];
}
