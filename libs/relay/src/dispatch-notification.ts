import type { Dispatch, Rejected, SendOutcome } from '@reveille/provider';

/** How an attempt ended: at the provider, or before it because there was no point in asking. */
export type DispatchOutcome =
  | SendOutcome
  | { readonly kind: 'expired' } // past its deadline
  | { readonly kind: 'superseded' }; // a newer update of the counts of this device was accepted

/** The functions that dispatching needs; `main.ts` wires them. */
export interface DispatchDeps {
  readonly send: (dispatch: Dispatch) => Promise<SendOutcome>;
  /** Whether no newer update of the counts was accepted for the device. */
  readonly isNewestCounts: (dispatch: Dispatch) => Promise<boolean>;
  /** Resolves after the rejection is durably remembered. */
  readonly rememberRejection: (dispatch: Dispatch, rejection: Rejected) => Promise<void>;
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
  const outcome = await deps.send(dispatch);
  // Remembered before the job ends: a crash in between repeats the attempt, which is rejected again.
  if (outcome.kind === 'rejected') await deps.rememberRejection(dispatch, outcome);
  return outcome;
}
