import type { FailedPageView, FilterInput } from '@reveille/admin-api';
import { toPageView } from '@reveille/operations';
import { failedCursorSchema } from '@reveille/queue';

import { WrongInput } from '../answers';
import { toFilter, type FailedDeps } from './failed-deps';

interface PageInput extends FilterInput {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** A page of the failed pushes that a question means. @throws WrongInput */
export async function searchPage(deps: FailedDeps, { cursor, limit, ...question }: PageInput): Promise<FailedPageView> {
  const filter = await toFilter(deps, question);
  return toPageView(await deps.failed.search(filter, { cursor: readCursor(cursor), limit }));
}

/** @throws WrongInput when it is no `next` of a page */
function readCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  if (!failedCursorSchema.safeParse(cursor).success) throw new WrongInput('cursor', 'must be a `next` of the page before');
  return cursor;
}
