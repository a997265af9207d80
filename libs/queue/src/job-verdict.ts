import type { DeadLetter } from './dead-letter';
import type { End } from './ledger-lua';

/** What the provider said to an attempt. */
export interface AttemptAnswer {
  readonly status?: number;
  readonly reason: string;
}

/** What becomes of a job after an attempt. The worker turns it into BullMQ's errors and calls. */
export type JobVerdict =
  | { readonly kind: 'done'; readonly end: Exclude<End, DeadLetter['outcome']>; readonly reason?: string; readonly answer?: AttemptAnswer } // finished: the job vanishes
  | { readonly kind: 'retry'; readonly delayMs: number; readonly reason: string; readonly answer?: AttemptAnswer } // an attempt was used up
  | { readonly kind: 'put-back' } // back to its place, no attempt used up
  | { readonly kind: 'wait'; readonly delayMs: number } // taken up again later, no attempt used up
  | { readonly kind: 'fault'; readonly reason: string } // its handler threw or hung: repeated, but not for ever
  | { readonly kind: 'dead'; readonly letter: DeadLetter }; // kept in the failed set
