/** Field of a job's hash: the replay that it belongs to. BullMQ leaves it alone. */
export const REPLAY_FIELD = 'replay';
/** With the id of a replay behind it: what became of the app's part of it (see replay-part.ts). */
export const REPLAY = 'replay:';

/**
 * Why a push that a replay covers was left where it is. `parked`: nobody sends for its app, which is parked or was removed;
 * `unreadable`: its job cannot be read; `gone`: it is not failed any more, or another replay has sent it.
 */
export const NOT_SENT = ['expired', 'superseded', 'already_delivered', 'rejected', 'parked', 'unreadable', 'gone'] as const;
export type NotSent = (typeof NOT_SENT)[number];

/** Fields of an app's part: numbers of pushes, beside one for each end. */
export const WAITING = 'waiting';
export const SENT = 'sent';
export const MATCHED = 'matched';
/** Before a reason why it was not sent. */
export const NOT = 'not:';
/** The last moment at which a push may have failed that it covers. */
export const UNTIL = 'until';
/** The last place that was worked off; and that there are no more. */
export const CURSOR = 'cursor';
export const FINISHED = 'finished';
/** The latest deadline of what was sent: long after it nothing waits any more. */
export const LAST_DEADLINE = 'last-deadline';

/** Field of a job's hash: when it was put back into the queue, in milliseconds since the epoch. Its `timestamp` is its acceptance. */
export const WAITING_SINCE = 'waiting-since';

/** How long a replay is remembered, in milliseconds. */
export const REPLAY_TTL_MS = 7 * 86_400_000;

/**
 * Counts the end of a dispatch for the replay that put it back into the queue, in the script that ends it. Needs a local `base`.
 */
export const replayEndLua = `
local function replayEnded(replay, outcome)
  if not replay then return end
  local key = base .. '${REPLAY}' .. replay
  -- A replay that was forgotten is not made again.
  if redis.call('EXISTS', key) == 0 then return end
  redis.call('HINCRBY', key, '${WAITING}', -1)
  redis.call('HINCRBY', key, outcome, 1)
end
`;
