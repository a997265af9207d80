import type { StormsView } from '@reveille/admin-api';
import { useState } from 'preact/hooks';

import { countOf, formatCount } from '../format/numbers';
import type { StormAction } from '../http/admin-api';
import { useAction } from '../hooks/use-action';
import { Badge } from '../parts/badge';
import { ConfirmDialog } from '../parts/confirm-dialog';
import { Facts } from '../parts/facts';
import { Moment } from '../parts/moment';
import { OperatorButton } from '../parts/operator-button';
import { useApi } from '../session/session-context';

interface StormCardProps {
  readonly storm: StormsView['storms'][number];
  readonly onChanged: () => void;
}

const WHAT_HAPPENS: Readonly<Record<StormAction, string>> = {
  release: 'They are taken for true: remembered, and told to homeservers, which then delete these pushers. Right when the devices are really gone.',
  discard: 'They are taken for a mistake: forgotten, and the pushkeys are used again. Right when a wrong topic, key or sender was the cause.',
};

/** One app's storm, and the two ends it can have. */
export function StormCard({ storm, onChanged }: StormCardProps) {
  const api = useApi();
  const [asked, setAsked] = useState<StormAction>();
  const end = useAction(
    (action: StormAction) => api.endStorm(storm.app, action),
    () => {
      setAsked(undefined);
      onChanged();
    },
  );
  const verdicts = countOf(storm.held, 'verdict', 'verdicts');
  return (
    <article aria-label={`Storm of ${storm.app}`}>
      <header>
        <strong>{storm.app}</strong> <Badge tone="bad">{storm.state}</Badge>{' '}
        {storm.needs_operator && <Badge tone="wait">an operator must decide</Badge>}
      </header>
      <Facts
        facts={[
          ['since', <Moment at={storm.since} />],
          ['reason', storm.reason],
          ['held', verdicts],
          ['tried again since', `${formatCount(storm.probed)}, of which the provider took ${formatCount(storm.accepted_again)}`],
        ]}
      />
      <p>{advise(storm)}</p>
      <footer class="actions">
        {(['release', 'discard'] as const).map((action) => (
          <OperatorButton
            key={action}
            class="secondary outline"
            label={`${action === 'release' ? 'Release' : 'Discard'} the storm of ${storm.app}`}
            onClick={() => {
              setAsked(action);
            }}
          >
            {action === 'release' ? 'Release' : 'Discard'}
          </OperatorButton>
        ))}
      </footer>
      {asked && (
        <ConfirmDialog
          title={`${asked === 'release' ? 'Release' : 'Discard'} ${verdicts} of ${storm.app}?`}
          action={`${asked === 'release' ? 'Release' : 'Discard'} ${verdicts}`}
          danger={asked === 'release'}
          busy={end.busy}
          problem={end.problem}
          onConfirm={() => {
            end.run(asked);
          }}
          onClose={() => {
            setAsked(undefined);
            end.clearProblem();
          }}
        >
          <p>{WHAT_HAPPENS[asked]}</p>
        </ConfirmDialog>
      )}
    </article>
  );
}

function advise({ probed, accepted_again }: StormCardProps['storm']): string {
  if (probed === 0) return 'No pushkey was tried again yet. Until you decide, nobody is unsubscribed and the pushes wait.';
  return accepted_again > 0
    ? 'The provider takes some of them again: this looks like a mistake of ours or theirs. Discard unless you know better.'
    : 'The provider refuses them still. If topic, key and sender are right, the devices are gone: release.';
}
