import type { z } from 'zod';

import { badRequest, type RouteAnswer } from './answers';

/** The answer to a request whose form is wrong: the first field that is. What was sent is not repeated: it may be a secret. */
export function explainInput(issues: readonly z.core.$ZodIssue[]): RouteAnswer {
  const [issue] = issues;
  if (!issue) return badRequest('request', 'is wrong');
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return badRequest([...path, ...issue.keys.slice(0, 1)].join('.'), 'is not known here');
  }
  return badRequest(path.join('.') || 'body', messageOf(issue));
}

function messageOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined && issue.message.endsWith('received undefined') ? 'is required' : `must be ${article(issue.expected)}`;
    case 'too_small':
      return issue.origin === 'string' ? 'must not be empty' : `must be at least ${String(issue.minimum)}`;
    case 'too_big':
      return issue.origin === 'string' ? `must have at most ${String(issue.maximum)} characters` : `must be at most ${String(issue.maximum)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    default:
      return issue.message.startsWith('Invalid') ? 'is not valid' : issue.message;
  }
}

function article(expected: string): string {
  const kind = expected === 'int' ? 'whole number' : expected;
  return `${/^[aeio]/.test(kind) ? 'an' : 'a'} ${kind}`;
}
