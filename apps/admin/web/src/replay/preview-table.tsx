import type { ReplayPreview } from '@reveille/admin-api';

import { formatCount } from '../format/numbers';

interface PreviewTableProps {
  readonly preview: ReplayPreview;
  readonly includesExpired: boolean;
}

/** What would become of each that matches, and why some would not be sent. */
export function PreviewTable({ preview, includesExpired }: PreviewTableProps) {
  const rows: readonly (readonly [name: string, count: number, why: string])[] = [
    ['Would be sent', preview.would_send, includesExpired ? 'Those past their deadline with a new one.' : 'Still before their deadline.'],
    ['Past their deadline', preview.expired, 'Not sent, unless you say so below.'],
    ['Superseded', preview.superseded, 'A newer update of the counts went to the device since.'],
    ['Already delivered', preview.already_delivered, 'The same event reached the device since, or waits.'],
    ['Rejected pushkeys', preview.rejected, 'The provider says that the device is gone.'],
    ['App is parked', preview.parked, 'Repair its credential and resume it first.'],
    ['Unreadable', preview.unreadable ?? 0, 'Their job cannot be read, or is gone.'],
  ];
  return (
    <>
      <table class="preview" aria-label="What would happen">
        <tbody>
          {rows.map(([name, count, why], index) => (
            <tr key={name} class={index > 0 && count === 0 ? 'none' : undefined}>
              <th scope="row">{name}</th>
              <td class="number">{formatCount(count)}</td>
              <td>{why}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Matched</th>
            <td class="number">{formatCount(preview.matched)}</td>
            <td />
          </tr>
        </tfoot>
      </table>
      {preview.estimated === true && (
        <p class="note">There are too many to look at each: the parts are estimated from a part of them. The replay itself looks at every one.</p>
      )}
    </>
  );
}
