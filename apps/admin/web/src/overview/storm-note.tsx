import type { StormView } from '@reveille/admin-api';

import { countOf } from '../format/numbers';
import { linkTo } from '../routing/route';

/** That rejections of an app are held, and where to decide. */
export function StormNote({ storm }: { readonly storm: StormView }) {
  return (
    <p class="note problem">
      {countOf(storm.held, 'rejection is', 'rejections are')} held instead of told ({storm.reason}).{' '}
      {storm.needs_operator ? 'An operator must decide: ' : 'Pushkeys are being tried again: '}
      <a href={linkTo({ page: 'rejections' })}>release or discard</a>.
    </p>
  );
}
