/** What an operator has set for an app, for now: a hash with the fields `draining` and `concurrency`. */
export const CONTROLS = 'controls';
