import type { Storm, StormControl } from '@reveille/rejections';

import { auditedAction } from './audited-action';
import { EXIT_FAILED, UsageError } from './command';
import type { CommandContext } from './command';
import { parseRelayArguments } from './relay-flags';
import { allApps, operationsOf } from './relay-operations';
import { stormBlock } from './storms-report';
import { withRelayRedis } from './with-relay-redis';
import type { RelayRedis } from './with-relay-redis';
import { findServedApp } from './work-on-app';

/** What was asked for. */
type Request = { readonly action: 'list' } | { readonly action: 'release' | 'discard'; readonly app: string };

interface StormsRun {
  readonly relay: RelayRedis;
  readonly storms: StormControl;
  readonly context: CommandContext;
  readonly json: boolean;
}

/** Lists the storms of rejections, or ends one; exit code 0, 1 (no such app or storm, no Redis) or 2 (wrong use). */
export function runStorms(args: readonly string[], context: CommandContext): Promise<number> {
  const { words, ...flags } = parseRelayArguments(args);
  const request = requestOf(words);
  return withRelayRedis(flags, context, async (relay) => {
    const { storms } = operationsOf(relay);
    const run: StormsRun = { relay, storms, context, json: flags.json };
    return request.action === 'list' ? list(run) : end(run, request);
  });
}

function requestOf([action = 'list', app, ...rest]: readonly string[]): Request {
  if (action === 'list' && app === undefined) return { action };
  if ((action === 'release' || action === 'discard') && app !== undefined && rest.length === 0) return { action, app };
  throw new UsageError('`storms`, `storms release APP` or `storms discard APP`');
}

/** Also of apps that have left the configuration: what is held there is told to nobody. */
async function list({ relay, storms, context, json }: StormsRun): Promise<number> {
  const apps = await allApps(relay);
  const found = await Promise.all(apps.map(async (app) => ({ app, storm: await storms.readStorm(app) })));
  const running = found.filter((each): each is { app: string; storm: Storm } => each.storm !== undefined);
  if (json) context.print(`${JSON.stringify({ storms: Object.fromEntries(running.map(({ app, storm }) => [app, storm])) })}\n`);
  else context.print(running.map(({ app, storm }) => stormBlock(app, storm)).join('\n') || 'No storm of rejections.\n');
  return 0;
}

async function end({ relay, storms, context, json }: StormsRun, request: Exclude<Request, { action: 'list' }>): Promise<number> {
  const app = await findServedApp(relay, request.app);
  if (!app.ok) return fail(context, app.message);
  if ((await storms.readStorm(app.key)) === undefined) return fail(context, `there is no storm in ${app.key}`);
  const action = { action: `storm.${request.action}`, app: app.key };
  const verdicts = await auditedAction(relay, context, action, () => storms[request.action](app.key));
  if (json) context.print(`${JSON.stringify({ app: app.key, action: request.action, verdicts })}\n`);
  else context.print(`${app.key}: ${verdicts} ${DONE[request.action]}\n`);
  return 0;
}

const DONE = {
  release: 'rejections are told from now on.',
  discard: 'rejections are forgotten; their pushes are sent again.',
} as const;

function fail(context: CommandContext, message: string): number {
  context.complain(`reveille: ${message}\n`);
  return EXIT_FAILED;
}
