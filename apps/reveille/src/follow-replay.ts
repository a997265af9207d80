import { setTimeout as sleep } from 'node:timers/promises';

import { within } from '@reveille/observability';
import { toReplayView } from '@reveille/operations';
import { describeRedisFailure } from '@reveille/queue';
import type { Replay, Replays } from '@reveille/queue';

import { EXIT_FAILED, EXIT_INTERRUPTED } from './command';
import type { CommandContext } from './command';
import { progressText, replayText, waitsForText } from './replay-report';

/** Between two looks at how far it is, in milliseconds. */
const LOOK_EVERY_MS = 500;
/** Whoever waits is told after this time (milliseconds) that Redis is silent. */
const SILENT_AFTER_MS = 5_000;
/** Ctrl-C waits so long (milliseconds) for what is just being done. */
const LEAVE_WITHIN_MS = 2_000;

export interface Followed {
  readonly replays: Pick<Replays, 'work' | 'read'>;
  readonly id: string;
  readonly context: CommandContext;
  readonly json: boolean;
  /** Ctrl-C: ends the waiting, and not the replay. */
  readonly signal: AbortSignal;
}

/** Works a replay off in this process until it does not run any more, and prints what became of it. Resolves with the exit code. */
export async function followReplay(followed: Followed): Promise<number> {
  const { id, signal } = followed;
  let replay = await workOff(followed);
  // Somebody paused it, and somebody else let it go on.
  while (replay?.state === 'running' && !signal.aborted) replay = await workOff(followed);
  if (replay && replay.state !== 'running') return tell(followed, replay);
  if (signal.aborted) return leave(followed, replay);
  followed.context.complain(`reveille: replay ${id} is not known any more\n`);
  return EXIT_FAILED;
}

/** The promise's value; undefined: it was not there soon after the signal. Rejects when the promise does. */
export async function untilLeft<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value | undefined> {
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  return Promise.race([promise, aborted.then(() => within(promise, LEAVE_WITHIN_MS, undefined))]);
}

/** The replay as it is then; undefined: it is not known any more, or Redis does not say it soon enough for one who leaves. */
async function workOff(followed: Followed): Promise<Replay | undefined> {
  const { replays, id, context, signal } = followed;
  const complain = complainOnce(context);
  const onError = (error: unknown): void => complain(`Redis failed (${describeRedisFailure(error)}); the replay goes on when it works again`);
  const over = new AbortController();
  void showProgress(followed, over.signal, complain);
  await untilLeft(replays.work({ signal, only: id, onError }), signal);
  over.abort();
  context.terminal.showProgress('');
  return untilLeft(replays.read(id), signal);
}

/** Until `over`. Never rejects: the engine tells what is wrong. */
async function showProgress({ replays, id, context }: Followed, over: AbortSignal, complain: (message: string) => void): Promise<void> {
  while (!over.aborted) {
    const look = replays.read(id).then((replay) => ({ replay }), () => ({ replay: undefined }));
    const found = await within(look, SILENT_AFTER_MS, undefined);
    if (over.aborted) return;
    if (!found) complain('Redis does not answer; the replay goes on when it does (Ctrl-C: stop waiting)');
    if (found?.replay) showReplay(found.replay, context, complain);
    await sleep(LOOK_EVERY_MS, undefined, { signal: over }).catch(() => undefined);
  }
}

function showReplay(replay: Replay, { terminal }: CommandContext, complain: (message: string) => void): void {
  for (const each of replay.waitsFor) if (each.why !== 'queue') complain(`it waits for ${waitsForText(each)}`);
  terminal.showProgress(progressText(replay));
}

/** The engine tries again and again: each thing is said once. */
function complainOnce({ complain, terminal }: CommandContext): (message: string) => void {
  const said = new Set<string>();
  return (message) => {
    if (said.has(message)) return;
    said.add(message);
    terminal.showProgress('');
    complain(`reveille: ${message}\n`);
  };
}

/** What became of one that does not run; exit code 0 when it is done and none of its pushes is dead again. */
function tell({ id, context, json }: Followed, replay: Replay): number {
  context.print(json ? `${JSON.stringify(toReplayView(replay))}\n` : replayText(replay));
  if (replay.state === 'paused') context.complain(`reveille: it was paused; to go on: reveille replay resume ${id}\n`);
  return replay.state === 'done' && replay.ends.dead === 0 ? 0 : EXIT_FAILED;
}

function leave({ id, context, json }: Followed, replay: Replay | undefined): number {
  if (json) context.print(`${JSON.stringify(replay ? toReplayView(replay) : { id })}\n`);
  context.complain(`reveille: replay ${id} is not cancelled: a running admin goes on with it, or \`reveille replay resume ${id}\`\n`);
  return EXIT_INTERRUPTED;
}
