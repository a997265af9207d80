/** BullMQ's own set of failed jobs, by the time at which they failed. */
export const FAILED = 'failed';
/** How many failed for a cause. */
export const FAILED_CAUSES = 'failed:causes';
/** With a cause behind it: which jobs, by the time at which they failed. */
export const FAILED_BY = 'failed:by:';
/** Hashes of devices, events and rooms, each with a job that failed. */
export const FAILED_TERMS = 'failed:terms';

/** Between the parts of a cause: a control character, which no reason holds. */
export const CAUSE_SEPARATOR = '\u001f';
/** Numbers of attempts from here on are one. */
export const MOST_ATTEMPTS = 50;
/** Causes that are told apart for an app: they come from our tables and the providers', so that more are a fault of somebody's. */
export const MAX_CAUSES = 2000;
