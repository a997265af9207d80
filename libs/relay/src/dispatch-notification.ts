import type { Dispatch, ProviderAnswer, Rejected, SendOutcome } from '@reveille/provider';

/** How an attempt ended: at the provider, or before it because there was no point in asking. */
export type DispatchOutcome =
  | SendOutcome
  | Faulted
  | HeldBack
  | OverQuota
  | Expired
  | { readonly kind: 'superseded' }; // a newer update of the counts of this device was accepted

/**
 * What became of a rejection. `held`: the app is in a storm of rejections, and this one is not believed for now. Its push is to
 * be tried again, not before `retryAfterMs` milliseconds.
 */
export type RejectionFate = { readonly kind: 'remembered' } | { readonly kind: 'held'; readonly retryAfterMs: number };

/** The provider library itself threw or did not end, which none of them may: a defect, and perhaps this push's doing. */
export interface Faulted {
  readonly kind: 'faulted';
  readonly reason: 'threw' | 'hung';
}

/** Its app is in a storm of rejections and this one is not believed: the push waits, and is tried again before its deadline. */
export interface HeldBack {
  readonly kind: 'held-back';
  readonly reason: 'rejection-storm';
  /** Milliseconds from now; the floor of the delay before the next attempt. */
  readonly retryAfterMs: number;
  /** The rejection; absent: the provider was not asked this time. */
  readonly rejection?: Rejected;
  readonly answer?: ProviderAnswer;
}

/** Past its deadline. */
export interface Expired {
  readonly kind: 'expired';
}

/** The provider was not asked, because it would have refused: its app or its device has had its share for now. No attempt is used up. */
export interface OverQuota {
  readonly kind: 'over-quota';
  /** How long this push is to wait, in milliseconds; absent: its app has to, and it goes back to its place in the queue. */
  readonly waitMs?: number;
}

/** The functions that dispatching needs; `main.ts` wires them. */
export interface DispatchDeps {
  /**
   * Whether, and how long (milliseconds), the dispatch is to wait because a storm holds the rejection of its pushkey and
   * enough others are tried again.
   */
  readonly waitInStorm: (dispatch: Dispatch) => Promise<number | undefined>;
  readonly send: (dispatch: Dispatch) => Promise<SendOutcome | Faulted | OverQuota | Expired>;
  /** Whether no newer update of the counts was accepted for the device. */
  readonly isNewestCounts: (dispatch: Dispatch) => Promise<boolean>;
  /** Resolves after the rejection is durably remembered, or held. */
  readonly rememberRejection: (dispatch: Dispatch, rejection: Rejected) => Promise<RejectionFate>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Step 5 of a notification's way: one attempt to send one dispatch. Throws only what `deps` throw (Redis is away): the
 * attempt is then repeated.
 */
export async function dispatchNotification(dispatch: Dispatch, deps: DispatchDeps): Promise<DispatchOutcome> {
  if (deps.now() >= dispatch.deadline) return { kind: 'expired' };
  if (dispatch.kind === 'counts' && !(await deps.isNewestCounts(dispatch))) return { kind: 'superseded' };
  const waitMs = await deps.waitInStorm(dispatch);
  if (waitMs !== undefined) return heldBack(dispatch, waitMs, deps);
  const outcome = await deps.send(dispatch);
  if (outcome.kind !== 'rejected') return outcome;
  // Remembered before the job ends: a crash in between repeats the attempt, which is rejected again.
  const fate = await deps.rememberRejection(dispatch, outcome);
  if (fate.kind === 'remembered') return outcome;
  const { answer } = outcome;
  return { ...heldBack(dispatch, fate.retryAfterMs, deps), rejection: outcome, ...(answer && { answer }) };
}

/** Time that the last try is given before the deadline, in milliseconds. */
const LAST_TRY_MS = 1000;

/** The push is not lost: it is tried again until its deadline, the last time just before it. */
function heldBack({ deadline }: Dispatch, waitMs: number, { now }: DispatchDeps): HeldBack {
  const retryAfterMs = Math.max(0, Math.min(waitMs, deadline - LAST_TRY_MS - now()));
  return { kind: 'held-back', reason: 'rejection-storm', retryAfterMs };
}
