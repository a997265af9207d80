import { replayParams, replaySchema } from '@reveille/admin-api';
import { toReplayView } from '@reveille/operations';
import { isReplayOver, type Replay } from '@reveille/queue';

import { errorAnswer, ok, type RouteAnswer } from '../answers';
import { actorOf } from '../apps/app-deps';
import { defineRoute, type Route } from '../route';
import { noSuchReplay, type ReplayDeps } from './replay-deps';

const CHANGES = {
  pause: { summary: 'Send nothing more of a replay until it is resumed', state: 'paused' },
  resume: { summary: 'Go on with a paused replay', state: 'running' },
  cancel: { summary: 'End a replay: what was not sent yet stays failed', state: 'cancelled' },
} as const;

/** To ask for the state that it has changes nothing, and is no error: two people press the same button. */
export function changeReplay({ replays, audit }: Pick<ReplayDeps, 'replays' | 'audit'>, how: keyof typeof CHANGES): Route {
  return defineRoute({
    method: 'POST',
    path: `/api/v1/replays/{id}/${how}`,
    right: 'operator',
    summary: CHANGES[how].summary,
    params: replayParams,
    answers: { 200: replaySchema },
    refusals: [409],
    async run({ params: { id } }, { identity }) {
      const before = await replays.read(id);
      if (!before) return noSuchReplay();
      if (before.state !== CHANGES[how].state) {
        if (isReplayOver(before)) return refused(before);
        const action = { action: `replay.${how}`, app: before.filter.app, count: before.matched - before.done, detail: { replay: id } };
        await audit.audited(actorOf(identity), action, () => mustChange(replays[how](id))).catch(unlessUnchanged);
      }
      const replay = await replays.read(id);
      if (!replay) return noSuchReplay();
      // It ended meanwhile, or somebody else was faster.
      if (replay.state !== CHANGES[how].state) return refused(replay);
      return ok(toReplayView(replay));
    },
  });
}

/** It ended, or somebody else changed it, after it was read: the audit has a second entry that says so. */
class NothingChanged extends Error {}

async function mustChange(isChanged: Promise<boolean>): Promise<void> {
  if (!(await isChanged)) throw new NothingChanged('the replay had another state by then');
}

function unlessUnchanged(error: unknown): void {
  if (!(error instanceof NothingChanged)) throw error;
}

function refused({ state }: Replay): RouteAnswer {
  return errorAnswer(409, 'conflict', `this replay is ${state}`);
}
