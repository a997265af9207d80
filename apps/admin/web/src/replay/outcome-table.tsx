import type { ReplayView } from '@reveille/admin-api';

import { formatCount } from '../format/numbers';

const ENDS = [
  ['delivered', 'The provider took it.'],
  ['rejected', 'The provider says that the pushkey is dead.'],
  ['skipped', 'There was nothing to send.'],
  ['superseded', 'A newer update of the counts came.'],
  ['expired', 'Its deadline passed while it waited.'],
  ['dead', 'It failed again, and is among the failed pushes again.'],
] as const satisfies readonly (readonly [keyof ReplayView['outcomes'], string])[];

const NOT_SENT: Readonly<Record<string, string>> = {
  expired: 'Past its deadline.',
  superseded: 'A newer update of the counts went to the device since.',
  already_delivered: 'The same event reached the device since, or waits.',
  rejected: 'Its pushkey is dead.',
  parked: 'Its app is parked, or was removed from the configuration.',
  gone: 'It was replayed by somebody else, or removed.',
  unreadable: 'Its job cannot be read.',
};

/** What became of the pushes of a replay; what is nought is left out. */
export function OutcomeTable({ replay: { outcomes } }: { readonly replay: ReplayView }) {
  const ends = ENDS.map(([name, why]) => [name, outcomes[name], why] as const);
  const notSent = Object.entries(outcomes.not_sent_by).map(
    ([cause, count]) => [`not sent: ${cause.replaceAll('_', ' ')}`, count, NOT_SENT[cause] ?? ''] as const,
  );
  const rows = [...ends, ['waiting', outcomes.waiting, 'In its queue, for its turn or another attempt.'] as const, ...notSent];
  const shown = rows.filter(([, count]) => count > 0);
  if (shown.length === 0) return <p>No push has ended yet.</p>;
  return (
    <table class="preview" aria-label="Outcomes">
      <tbody>
        {shown.map(([name, count, why]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="number">{formatCount(count)}</td>
            <td>{why}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
