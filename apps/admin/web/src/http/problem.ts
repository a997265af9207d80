import type { ErrorCode } from '@reveille/admin-api';

/** Why a question to the API has no answer. A value, not an exception: every caller shows it. */
export type Problem =
  /** The API refused, in its own words. */
  | { readonly kind: 'refused'; readonly status: number; readonly code: ErrorCode; readonly message: string; readonly field?: string; readonly retryAfterSeconds?: number }
  /** No answer came: the admin is away, or too slow. */
  | { readonly kind: 'unreachable' }
  /** An answer came that the contract does not know: another version, or something in between. */
  | { readonly kind: 'unexpected'; readonly status: number };

export type Result<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: Problem };

/** Whether the session is over (or never was): logging in helps. */
export function isUnauthenticated(problem: Problem): boolean {
  return problem.kind === 'refused' && problem.status === 401;
}

/** One or two sentences for people: what is wrong, and what to do where the API did not say. */
export function describeProblem(problem: Problem): string {
  switch (problem.kind) {
    case 'refused':
      return withAdvice(problem);
    case 'unreachable':
      return 'The admin does not answer. Is its process running, and the network between you?';
    case 'unexpected':
      return `The admin answered ${problem.status} with something that this page does not understand. Reload the page: the admin may be of another version.`;
  }
}

function withAdvice({ message, retryAfterSeconds, field }: Extract<Problem, { kind: 'refused' }>): string {
  const said = `${message.charAt(0).toUpperCase()}${message.slice(1)}`;
  const sentence = /[.!?]$/.test(said) ? said : `${said}.`;
  const where = field && !message.includes(field) ? `${field}: ` : '';
  const isSaid = retryAfterSeconds === undefined || message.includes('again in');
  return isSaid ? where + sentence : `${where}${sentence} Try again in ${retryAfterSeconds} s.`;
}
