import type { AppView } from '@reveille/admin-api';

import { Badge } from '../parts/badge';
import { Moment } from '../parts/moment';
import { wordsOf } from './app-state';

/** Whether the app runs, and if not: why, by whom, since when and until when. */
export function AppStateLine({ app }: { readonly app: AppView }) {
  const { tone, meaning } = wordsOf(app.state);
  const runs = app.state === 'running';
  return (
    <div class="state">
      <p>
        <Badge tone={tone}>{app.state}</Badge> {app.draining && <Badge tone="wait">draining</Badge>}
        {app.storm && <Badge tone="bad">storm held</Badge>}
      </p>
      {!runs && <p>{meaning}</p>}
      {!runs && <Circumstances app={app} />}
      {app.draining && <p>Draining: nothing new is accepted (homeservers keep it and try again); what waits is still sent.</p>}
    </div>
  );
}

function Circumstances({ app: { reason, paused_by, since, until } }: { readonly app: AppView }) {
  return (
    <ul class="circumstances">
      {reason && (
        <li>
          reason: <strong>{reason}</strong>
        </li>
      )}
      {paused_by && (
        <li>
          by <strong>{paused_by}</strong>
        </li>
      )}
      {since && (
        <li>
          since <Moment at={since} />
        </li>
      )}
      {until && (
        <li>
          tried again at <Moment at={until} />
        </li>
      )}
    </ul>
  );
}
