/** Field of a job's hash: the replay that it belongs to. BullMQ leaves it alone. */
export const REPLAY_FIELD = 'replay';
/** With the id of a replay behind it: what became of the app's part of it. */
export const REPLAY = 'replay:';

/**
 * Counts the end of a dispatch for the replay that put it back into the queue, in the script that ends it. Needs a local `base`.
 */
export const replayEndLua = `
local function replayEnded(replay, outcome)
  if not replay then return end
  local key = base .. '${REPLAY}' .. replay
  -- A replay that was forgotten is not made again.
  if redis.call('EXISTS', key) == 0 then return end
  redis.call('HINCRBY', key, 'waiting', -1)
  redis.call('HINCRBY', key, outcome, 1)
end
`;
