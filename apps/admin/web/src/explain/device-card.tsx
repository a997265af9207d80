import type { Explanation } from '@reveille/admin-api';

import { countOf } from '../format/numbers';
import { AttemptTable } from '../parts/attempt-table';
import { Badge } from '../parts/badge';
import { Facts } from '../parts/facts';
import { Moment } from '../parts/moment';

type Device = Explanation['devices'][number];
type TracedDispatch = Device['dispatches'][number];

/** What became of an event for one device. */
export function DeviceCard({ device }: { readonly device: Device }) {
  const { device_hash, dispatches, duplicates, told_rejected_at } = device;
  return (
    <article aria-label={`Device ${device_hash}`}>
      <header>
        Device <code>{device_hash}</code>
      </header>
      {dispatches.map((dispatch) => (
        <DispatchFacts key={dispatch.id} dispatch={dispatch} />
      ))}
      {duplicates && (
        <p>
          The homeserver sent it again {countOf(duplicates.count, 'time', 'times')}, last at <Moment at={duplicates.last_at} />: counted as
          duplicate, not sent twice.
        </p>
      )}
      {told_rejected_at && (
        <p>
          The homeserver was told at <Moment at={told_rejected_at} /> that the pushkey is dead; it was not queued.
        </p>
      )}
    </article>
  );
}

function DispatchFacts({ dispatch }: { readonly dispatch: TracedDispatch }) {
  const { state, outcome, reason } = dispatch;
  const tone = state !== 'ended' ? 'wait' : outcome === 'delivered' ? 'good' : 'bad';
  return (
    <>
      <Facts
        facts={[
          ['state', <Badge tone={tone}>{state === 'ended' ? (outcome ?? 'ended') : state}</Badge>],
          ['reason', reason ?? undefined],
          ['accepted', <Moment at={dispatch.accepted_at} none="longer ago than is remembered" />],
          ['by', dispatch.ingress ?? undefined],
          ['ended', dispatch.ended_at ? <Moment at={dispatch.ended_at} /> : undefined],
          ['attempts', String(dispatch.attempts)],
          ['push', <code>{dispatch.id}</code>],
        ]}
      />
      {dispatch.history.length > 0 && <AttemptTable attempts={dispatch.history} />}
    </>
  );
}
