import { MOST_FAILED_ITEMS, USUAL_FAILED_ITEMS } from '@reveille/admin-api';
import { toCause, toPageView, toShownView } from '@reveille/operations';
import { failedCursorSchema } from '@reveille/queue';
import type { FailedFilter, FailedPushes, ShownPush } from '@reveille/queue';

import { EXIT_FAILED, UsageError } from './command';
import type { CommandContext } from './command';
import { askedFilter, FILTER_FLAGS, isEmpty, resolveFilter } from './failed-filter';
import type { AskedFilter } from './failed-filter';
import { causesText, failedPageText, shownText } from './failed-report';
import { wholeNumber } from './flag-values';
import { allApps, operationsOf } from './relay-operations';
import { parseRelayArguments } from './relay-flags';
import type { RelayArguments } from './relay-flags';
import { withRelayRedis } from './with-relay-redis';

const PAGE_FLAGS = ['limit', 'cursor'];
const LIMIT = { least: 1, most: MOST_FAILED_ITEMS };

type Request =
  | { readonly view: 'list'; readonly limit: number; readonly cursor: string | undefined }
  | { readonly view: 'causes' }
  | { readonly view: 'show'; readonly id: string };

interface FailedRun {
  readonly failed: FailedPushes;
  readonly filter: FailedFilter;
  readonly context: CommandContext;
  readonly json: boolean;
}

/** Shows failed pushes; exit code 0, 1 (no such push or app, no Redis) or 2 (wrong use). */
export async function runFailed(args: readonly string[], context: CommandContext): Promise<number> {
  const parsed = parseRelayArguments(args, [...FILTER_FLAGS, ...PAGE_FLAGS]);
  const request = requestOf(parsed);
  const asked = await askedFilter(parsed, context);
  if (request.view === 'show') refuseFilter(asked);
  return withRelayRedis(parsed, context, async (relay) => {
    const resolved = await resolveFilter(relay, asked);
    if (!resolved.ok) {
      context.complain(`reveille: ${resolved.message}\n`);
      return EXIT_FAILED;
    }
    const { failed } = operationsOf(relay);
    const run: FailedRun = { failed, filter: resolved.filter, context, json: parsed.json };
    switch (request.view) {
      case 'list':
        return list(run, request);
      case 'causes':
        return causes(run);
      case 'show':
        return show(run, request.id, await allApps(relay));
      default:
        return request satisfies never;
    }
  });
}

function requestOf({ words: [view = 'list', ...rest], values }: RelayArguments): Request {
  if (view === 'list' && rest.length === 0) return { view, ...pageOf(values) };
  if (PAGE_FLAGS.some((flag) => values[flag] !== undefined)) throw new UsageError('--limit and --cursor are for `failed list`');
  if (view === 'causes' && rest.length === 0) return { view };
  const [id] = rest;
  if (view === 'show' && id !== undefined && rest.length === 1) return { view, id };
  throw new UsageError('`failed`, `failed list`, `failed causes` or `failed show ID`');
}

function pageOf(values: RelayArguments['values']): { limit: number; cursor: string | undefined } {
  const { cursor } = values;
  if (cursor === undefined || failedCursorSchema.safeParse(cursor).success) return { limit: wholeNumber(values, 'limit', LIMIT) ?? USUAL_FAILED_ITEMS, cursor };
  throw new UsageError('--cursor is what the page before printed');
}

function refuseFilter(asked: AskedFilter): void {
  const { app: _, ...others } = asked;
  if (!isEmpty(others)) throw new UsageError('`failed show ID` takes --app only');
}

async function list({ failed, filter, context, json }: FailedRun, { limit, cursor }: Extract<Request, { view: 'list' }>): Promise<number> {
  const page = await failed.search(filter, { limit, cursor });
  if (json) context.print(`${JSON.stringify(toPageView(page))}\n`);
  else context.print(failedPageText(page));
  return 0;
}

async function causes({ failed, filter, context, json }: FailedRun): Promise<number> {
  const found = await failed.causes(filter);
  if (json) context.print(`${JSON.stringify({ causes: found.causes.map(toCause), unreachable: found.unreachable })}\n`);
  else context.print(causesText(found));
  return 0;
}

async function show({ failed, filter, context, json }: FailedRun, id: string, apps: readonly string[]): Promise<number> {
  const push = await findPush(failed, id, filter.app === undefined ? apps : [filter.app]);
  if (!push) {
    context.complain(`reveille: no failed push '${id}': it was sent again, is too old, or never failed\n`);
    return EXIT_FAILED;
  }
  context.print(json ? `${JSON.stringify(toShownView(push))}\n` : shownText(push));
  return 0;
}

/** Ids are unique over all apps. */
async function findPush(failed: FailedPushes, id: string, apps: readonly string[]): Promise<ShownPush | undefined> {
  const found = await Promise.all(apps.map((app) => failed.show(app, id)));
  return found.find((push) => push !== undefined);
}
