import type { RejectionView } from '@reveille/admin-api';
import { useState } from 'preact/hooks';

import { formatCount } from '../format/numbers';
import { useAction } from '../hooks/use-action';
import { ConfirmDialog } from '../parts/confirm-dialog';
import { Facts, type Fact } from '../parts/facts';
import { Moment } from '../parts/moment';
import { OperatorButton } from '../parts/operator-button';
import { useApi } from '../session/session-context';

interface RejectionCardProps {
  readonly app: string;
  readonly rejection: RejectionView;
  readonly onForgotten: () => void;
}

/** What is known of one pushkey, by its hash. */
export function RejectionCard({ app, rejection, onForgotten }: RejectionCardProps) {
  const api = useApi();
  const [asks, setAsks] = useState(false);
  const forget = useAction(
    () => api.forget(app, rejection.pushkey_hash),
    () => {
      setAsks(false);
      onForgotten();
    },
  );
  const { known } = rejection;
  return (
    <article aria-label="Answer">
      <header>
        <strong>{known ? 'Known to be dead' : 'Not known to be dead'}</strong>
      </header>
      {!known && <p>Its pushes are sent. If none arrives, ask under Explain with the id of an event.</p>}
      <Facts facts={[['app', app], ['device', <code>{rejection.pushkey_hash}</code>], ...(known ? factsOf(rejection) : [])]} />
      {known && (
        <footer class="actions">
          <OperatorButton
            class="secondary outline"
            onClick={() => {
              setAsks(true);
            }}
          >
            Forget
          </OperatorButton>
        </footer>
      )}
      {asks && (
        <ConfirmDialog
          title="Forget this rejection?"
          action="Forget 1 rejection"
          danger
          busy={forget.busy}
          problem={forget.problem}
          onConfirm={() => {
            forget.run(undefined);
          }}
          onClose={() => {
            setAsks(false);
            forget.clearProblem();
          }}
        >
          <p>
            The next push for this one pushkey is sent to the provider again instead of being answered with its rejection. Homeservers that
            were told already have deleted the pusher; the app must set it again.
          </p>
        </ConfirmDialog>
      )}
    </article>
  );
}

function factsOf({ since, reason, told, first_told, last_told }: RejectionView): Fact[] {
  return [
    ['since', <Moment at={since} />],
    ['reason', reason ?? 'unknown'],
    ['homeservers told', `${formatCount(told)}×`],
    ['first told', <Moment at={first_told} none="never" />],
    ['last told', <Moment at={last_told} none="never" />],
  ];
}
