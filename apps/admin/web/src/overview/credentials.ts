import type { AppView } from '../../../src/api/apps';
import { formatDuration } from '../format/times';

const DAY_MS = 86_400_000;
/** A certificate takes people some days to renew. */
const SOON_MS = 30 * DAY_MS;

export type Credential = AppView['credentials'][number];
export type Urgency = 'fine' | 'soon' | 'over';

/** How pressing a credential's end is. */
export function urgencyOf({ expires_at }: Credential, now: Date): Urgency {
  if (expires_at === null) return 'fine';
  const left = new Date(expires_at).getTime() - now.getTime();
  if (left <= 0) return 'over';
  return left < SOON_MS ? 'soon' : 'fine';
}

/** `in 12 d`, `expired 3 h ago`, `does not expire`. */
export function describeExpiry({ expires_at }: Credential, now: Date): string {
  if (expires_at === null) return 'does not expire';
  const left = new Date(expires_at).getTime() - now.getTime();
  return left > 0 ? `expires in ${formatDuration(left)}` : `expired ${formatDuration(-left)} ago`;
}
