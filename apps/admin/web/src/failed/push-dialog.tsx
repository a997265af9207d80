import type { FailedItemView, ShownPushView } from '@reveille/admin-api';

import { formatCount } from '../format/numbers';
import { usePoll } from '../hooks/use-poll';
import { AttemptTable } from '../parts/attempt-table';
import { Dialog } from '../parts/dialog';
import { Facts, type Fact } from '../parts/facts';
import { Moment } from '../parts/moment';
import { ProblemNote } from '../parts/problem-note';
import { useApi } from '../session/session-context';
import { CauseName } from './cause-name';

interface PushDialogProps {
  readonly item: FailedItemView;
  readonly onClose: () => void;
  readonly onReplay: () => void;
}

/** One failed push: its attempts, its deadline, and the shape of its payload without any content. */
export function PushDialog({ item, onClose, onReplay }: PushDialogProps) {
  const api = useApi();
  const { value, problem, reload } = usePoll(`failed ${item.app} ${item.id}`, () => api.showFailed(item.app, item.id));
  return (
    <Dialog title="Failed push" onClose={onClose} wide>
      <p>
        <CauseName cause={item} />
      </p>
      <ProblemNote problem={problem} onRetry={reload} />
      {!value && !problem && <p aria-busy="true">Reading the push</p>}
      {value && <Shown push={value} />}
      <footer class="actions">
        <button type="button" class="secondary outline" onClick={onClose}>
          Close
        </button>
        <button type="button" onClick={onReplay}>
          Replay this push
        </button>
      </footer>
    </Dialog>
  );
}

function Shown({ push }: { readonly push: ShownPushView }) {
  return (
    <>
      <Facts facts={factsOf(push)} />
      <h3>Attempts</h3>
      <AttemptTable attempts={push.history} />
      <h3>Shape of the payload</h3>
      {push.unreadable !== null && <p class="note problem">It cannot be read: {push.unreadable}</p>}
      {push.unreadable === null && <pre tabIndex={0}>{JSON.stringify(push.shape, undefined, 2)}</pre>}
      <details>
        <summary>Fields of the job</summary>
        <Facts facts={Object.entries(push.raw)} />
      </details>
    </>
  );
}

function factsOf(push: ShownPushView): Fact[] {
  return [
    ['app', push.app],
    ['push', <code>{push.id}</code>],
    ['kind', push.kind ?? 'unknown'],
    ['priority', push.priority],
    ['accepted', <Moment at={push.accepted_at} />],
    ['deadline', <Moment at={push.deadline} />],
    ['failed', <Moment at={push.failed_at} />],
    ['attempts', formatCount(push.attempts)],
    ['replayed before', push.replayed > 0 ? `${formatCount(push.replayed)}×` : 'never'],
    ['device', <code>{push.device_hash ?? '–'}</code>],
    ['event', <code>{push.event_hash ?? '–'}</code>],
    ['room', <code>{push.room_hash ?? '–'}</code>],
  ];
}
