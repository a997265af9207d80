/** BullMQ's own set of failed jobs, by the time at which they failed. */
export const FAILED = 'failed';
/** Numbers of the causes that are told apart: cause -> number. */
export const FAILED_CAUSES = 'failed:causes';
/** Field of that hash: the number that was given last. No cause is called so. */
export const LAST_CAUSE = 'last';
/** What is looked for, in alphabetical order (see failed-index-lua.ts). */
export const FAILED_INDEX = 'failed:index';
/** How far the index has caught up with a set that is older than it (see catch-up.ts). */
export const FAILED_CATCH_UP = 'failed:catch-up';

/** Between the parts of a cause: a control character, which no reason holds. */
export const CAUSE_SEPARATOR = '\u001f';
/** Numbers of attempts from here on are one. */
export const MOST_ATTEMPTS = 50;
/** Causes that are told apart for an app: they come from our tables and the providers', so that more are a fault of somebody's. */
export const MAX_CAUSES = 2000;
/** Stands for what the provider said in causes above that number. */
export const OTHER_ANSWER = 'other';
/** Field of a job's hash: how often it was put back into the queue. BullMQ leaves it alone. */
export const REPLAYED_FIELD = 'replayed';
