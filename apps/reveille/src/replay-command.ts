import { DEFAULT_REPLAY_RATE, MOST_ID_LENGTH, MOST_REPLAY_IDS, MOST_REPLAY_RATE } from '@reveille/admin-api';
import { startAuditedReplay, toPreviewView, toReplayView } from '@reveille/operations';
import type { Operations } from '@reveille/operations';
import { isReplayOver } from '@reveille/queue';
import type { Replay, ReplayRequest, ReplayState } from '@reveille/queue';

import { actorOf, auditedAction } from './audited-action';
import { EXIT_FAILED, EXIT_INTERRUPTED, UsageError } from './command';
import type { CommandContext } from './command';
import { askedFilter, FILTER_FLAGS, isEmpty, resolveFilter } from './failed-filter';
import type { AskedFilter } from './failed-filter';
import { wholeNumber } from './flag-values';
import { followReplay, untilLeft } from './follow-replay';
import { parseRelayArguments } from './relay-flags';
import type { RelayArguments } from './relay-flags';
import { operationsOf } from './relay-operations';
import { previewText, replaysText, replayText } from './replay-report';
import { withRelayRedis } from './with-relay-redis';
import type { RelayRedis } from './with-relay-redis';

const OWN_FLAGS = ['ids', 'rate'];
const SWITCHES = ['preview', 'include-expired', 'all', 'no-wait'];
/** Pushes a second. */
const RATE = { least: 1, most: MOST_REPLAY_RATE };
const ID = /^[0-9a-f-]{36}$/;

type ChangeName = 'pause' | 'resume' | 'cancel';
type Request =
  | { readonly action: 'start' | 'preview' }
  | { readonly action: 'list' }
  | { readonly action: 'show'; readonly id: string }
  | { readonly action: ChangeName; readonly id: string };

interface ReplayRun extends Pick<Operations, 'audit' | 'failed' | 'replays'> {
  readonly relay: RelayRedis;
  readonly context: CommandContext;
  readonly json: boolean;
  /** Stay until the replay is over. */
  readonly waits: boolean;
}

/** Sends failed pushes again; exit code 0, 1 (not done, or some are dead again), 2 (wrong use) or 130 (left by Ctrl-C). */
export async function runReplay(args: readonly string[], context: CommandContext): Promise<number> {
  const parsed = parseRelayArguments(args, [...FILTER_FLAGS, ...OWN_FLAGS], SWITCHES);
  const request = requestOf(parsed);
  const rate = wholeNumber(parsed.values, 'rate', RATE) ?? DEFAULT_REPLAY_RATE;
  const asked = await askedReplay(request, parsed, context);
  const waits = (request.action === 'start' || request.action === 'resume') && !parsed.switches.has('no-wait');
  const work = async (relay: RelayRedis): Promise<number> => {
    const resolved = await resolveFilter(relay, asked);
    if (!resolved.ok) return fail(context, resolved.message);
    const run: ReplayRun = { ...operationsOf(relay), relay, context, json: parsed.json, waits };
    return answer(run, request, { filter: resolved.filter, includeExpired: parsed.switches.has('include-expired'), rate });
  };
  return withRelayRedis(parsed, context, work, waits ? 'endless' : 'short');
}

async function answer(run: ReplayRun, request: Request, asked: ReplayRequest): Promise<number> {
  switch (request.action) {
    case 'start':
      return start(run, asked);
    case 'preview':
      return preview(run, asked);
    case 'list':
      return list(run);
    case 'show':
      return withReplay(run, request.id, (replay) => say(run, replay));
    case 'pause':
    case 'resume':
    case 'cancel':
      return withReplay(run, request.id, (replay) => change(run, request.action, replay));
    default:
      return request satisfies never;
  }
}

function requestOf({ words: [word, ...rest], values, switches }: RelayArguments): Request {
  if (word === undefined) return { action: switches.has('preview') ? 'preview' : 'start' };
  const given = [...Object.keys(values), ...switches].filter((flag) => !(word === 'resume' && flag === 'no-wait'));
  const [flag] = given;
  if (flag !== undefined) throw new UsageError(`\`replay ${word}\` does not take --${flag}`);
  if (word === 'list' && rest.length === 0) return { action: word };
  const [id] = rest;
  if (!isOfOne(word) || id === undefined || rest.length !== 1) {
    throw new UsageError('`replay` with flags that choose pushes, or `replay list`, `show ID`, `pause ID`, `resume ID`, `cancel ID`');
  }
  if (!ID.test(id)) throw new UsageError('the id of a replay is one that `replay list` prints');
  return { action: word, id };
}

function isOfOne(word: string): word is 'show' | ChangeName {
  return ['show', 'pause', 'resume', 'cancel'].includes(word);
}

/** The filter of a new replay; none for the others. @throws UsageError */
async function askedReplay({ action }: Request, parsed: RelayArguments, context: CommandContext): Promise<AskedFilter> {
  const ids = idsOf(parsed.values.ids);
  const asked = await askedFilter(parsed, context);
  const isNew = action === 'start' || action === 'preview';
  if (isNew && !ids && isEmpty(asked) && !parsed.switches.has('all')) {
    throw new UsageError('which failed pushes? Choose them as with `failed`, or give --all');
  }
  return ids ? { ...asked, known: { ...asked.known, ids } } : asked;
}

function idsOf(text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  const ids = [...new Set(text.split(',').map((id) => id.trim()))];
  // An empty one may be a variable of a script that was not set: it is not "everything".
  if (ids.every((id) => id !== '' && id.length <= MOST_ID_LENGTH) && ids.length <= MOST_REPLAY_IDS) return ids;
  throw new UsageError(`--ids is ids of failed pushes with commas between them, at most ${MOST_REPLAY_IDS}`);
}

async function preview({ replays, context, json }: ReplayRun, { filter, includeExpired }: ReplayRequest): Promise<number> {
  const found = await replays.preview({ filter, includeExpired });
  context.print(json ? `${JSON.stringify({ preview: toPreviewView(found) })}\n` : previewText(found));
  return 0;
}

async function start(run: ReplayRun, asked: ReplayRequest): Promise<number> {
  const { replays, context, json, waits } = run;
  const signal = waits ? context.terminal.interruption() : new AbortController().signal;
  const id = await untilLeft(startAuditedReplay(run, actorOf(context), asked), signal);
  if (id === undefined) {
    context.complain('reveille: Redis does not answer; whether it was started: reveille replay list\n');
    return EXIT_INTERRUPTED;
  }
  if (!waits) {
    context.print(json ? `${JSON.stringify({ id })}\n` : `${id}\nA running admin works it off; to see how far it is: reveille replay show ${id}\n`);
    return 0;
  }
  return followReplay({ replays, id, context, json, signal });
}

async function list({ replays, context, json }: ReplayRun): Promise<number> {
  const found = await replays.list();
  context.print(json ? `${JSON.stringify({ replays: found.map(toReplayView) })}\n` : replaysText(found));
  return 0;
}

async function withReplay({ replays, context }: ReplayRun, id: string, act: (replay: Replay) => number | Promise<number>): Promise<number> {
  const replay = await replays.read(id);
  return replay ? act(replay) : fail(context, `no replay '${id}': they are kept for 7 days`);
}

function say({ context, json }: ReplayRun, replay: Replay): number {
  context.print(json ? `${JSON.stringify(toReplayView(replay))}\n` : replayText(replay));
  return 0;
}

const WANTED = { pause: 'paused', resume: 'running', cancel: 'cancelled' } as const satisfies Record<ChangeName, ReplayState>;

async function change(run: ReplayRun, name: ChangeName, replay: Replay): Promise<number> {
  const { relay, replays, context, json, waits } = run;
  const { id } = replay;
  if (replay.state !== WANTED[name]) {
    if (isReplayOver(replay)) return fail(context, `replay ${id} is over: ${replay.state}`);
    const action = { action: `replay.${name}`, app: replay.filter.app, count: replay.matched - replay.done, detail: { replay: id } };
    await auditedAction(relay, context, action, () => replays[name](id));
  }
  // Whoever lets it go on works it off as well; also one that runs, but was left by the process that had it.
  if (waits) return followReplay({ replays, id, context, json, signal: context.terminal.interruption() });
  return withReplay(run, id, (now) => (now.state === WANTED[name] ? say(run, now) : fail(context, `replay ${id} is ${now.state}`)));
}

function fail({ complain }: CommandContext, message: string): number {
  complain(`reveille: ${message}\n`);
  return EXIT_FAILED;
}
