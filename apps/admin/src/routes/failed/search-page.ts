import { failedCursorSchema } from '@reveille/queue';

import { WrongInput } from '../answers';

/** @throws WrongInput when it is no `next` of a page */
export function readCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  if (!failedCursorSchema.safeParse(cursor).success) throw new WrongInput('cursor', 'must be a `next` of the page before');
  return cursor;
}
