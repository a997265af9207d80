import type { AppView } from '@reveille/admin-api';

import { formatDuration } from '../format/times';

const DAY_MS = 86_400_000;
/** A certificate takes people some days to renew. */
const SOON_MS = 30 * DAY_MS;

export type Credential = AppView['credentials'][number];
export type Urgency = 'fine' | 'soon' | 'over';

/** What dispatchers make anew by themselves when they need it; a certificate takes a person. */
const RENEWED: ReadonlySet<string> = new Set(['jwt', 'access_token']);

export function renewsItself({ kind }: Credential): boolean {
  return RENEWED.has(kind);
}

/** How pressing a credential's end is. */
export function urgencyOf(credential: Credential, now: Date): Urgency {
  const { expires_at } = credential;
  if (expires_at === null || renewsItself(credential)) return 'fine';
  const left = new Date(expires_at).getTime() - now.getTime();
  if (left <= 0) return 'over';
  return left < SOON_MS ? 'soon' : 'fine';
}

/** `expires in 12 d`, `expired 3 h ago`, `does not expire`, `renews itself`. */
export function describeExpiry(credential: Credential, now: Date): string {
  const { expires_at } = credential;
  if (expires_at === null) return 'does not expire';
  if (renewsItself(credential)) return 'renews itself';
  const left = new Date(expires_at).getTime() - now.getTime();
  return left > 0 ? `expires in ${formatDuration(left)}` : `expired ${formatDuration(-left)} ago`;
}
