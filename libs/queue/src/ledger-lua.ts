import { LEDGER, OPEN } from './keyspace';

/** The one end of a dispatch, as the ledger counts it. */
export const ENDS = ['delivered', 'rejected', 'skipped', 'superseded', 'expired', 'dead'] as const;
export type End = (typeof ENDS)[number];

/** Everything that the ledger counts: what came in, how it ended, and what stands beside it. */
export const LEDGER_FIELDS = ['accepted', ...ENDS, 'duplicates', 'told'] as const;
export type LedgerField = (typeof LEDGER_FIELDS)[number];

export const HOUR_MS = 3_600_000;
/** How long the count of an hour is kept after its first push, in milliseconds: longer than any push waits. */
const HOUR_TTL_MS = 35 * 24 * HOUR_MS;

/**
 * The ledger inside the scripts that change a dispatch's state, so that state and count are one atomic step. Everything is
 * counted in the hour of its acceptance (the job's `timestamp`): the sum of an hour then closes by itself, however late a
 * push ends. `open` holds every dispatch that was accepted and has not ended, by its deadline: what is still there long
 * after is either parked, to be expired, or was lost. Needs a local `base`.
 */
export const ledgerLua = `
local function ledgerCount(timestamp, field, number)
  if number == 0 then return end
  redis.call('HINCRBY', base .. '${LEDGER}', field, number)
  local hour = base .. '${LEDGER}:' .. string.format('%.0f', math.floor(timestamp / ${HOUR_MS}))
  -- The first count of an hour starts its life.
  if redis.call('HINCRBY', hour, field, number) == number then redis.call('PEXPIRE', hour, ${HOUR_TTL_MS}) end
end
local function ledgerOpen(id, deadline)
  redis.call('ZADD', base .. '${OPEN}', deadline, id)
end
-- Counts an end once: whoever comes second finds it closed. A job of BullMQ's that was never accepted here is no dispatch.
local function ledgerClose(id, timestamp, outcome)
  if redis.call('ZREM', base .. '${OPEN}', id) == 0 then return false end
  ledgerCount(timestamp, outcome, 1)
  return true
end
-- Takes an end back: the dispatch waits again. An hour that was forgotten is not begun again.
local function ledgerReopen(id, timestamp, outcome, deadline)
  redis.call('HINCRBY', base .. '${LEDGER}', outcome, -1)
  local hour = base .. '${LEDGER}:' .. string.format('%.0f', math.floor(timestamp / ${HOUR_MS}))
  if redis.call('EXISTS', hour) == 1 then redis.call('HINCRBY', hour, outcome, -1) end
  ledgerOpen(id, deadline)
end
`;
