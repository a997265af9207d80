import { z } from 'zod';
import type { RedisClient } from '../connect-redis';
import { parseDeadLetter } from '../dead-letter';
import type { FailedItem } from './failed-types';
import { READ_ITEMS } from './search-scripts';

const text = z.string();
const number = z.string().transform(Number);
const itemSchema = z
  .tuple([text, number, text, number, number, text, text, text, text, text])
  .transform(([id, failedAt, letter, attempts, replayed, acceptedAt, deadline, eventHash, roomHash, deviceHash]) => ({
    id,
    failedAt: Math.round(failedAt),
    letter: parseDeadLetter(letter),
    attempts,
    replayed,
    envelope: {
      ...(acceptedAt !== '' && { acceptedAt: Number(acceptedAt) }),
      ...(deadline !== '' && { deadline: Number(deadline) }),
      ...(eventHash !== '' && { eventHash }),
      ...(roomHash !== '' && { roomHash }),
      ...(deviceHash !== '' && { deviceHash }),
    },
  }));
const itemsSchema = z.array(itemSchema);

export interface AppPlace {
  readonly redis: RedisClient;
  /** The app's key base. */
  readonly base: string;
  readonly appKey: string;
}

/** What a list shows of these pushes; those that are not failed are missing. */
export async function readItems({ redis, base, appKey }: AppPlace, ids: readonly string[]): Promise<FailedItem[]> {
  if (ids.length === 0) return [];
  const read = itemsSchema.parse(await READ_ITEMS.run(redis, base, ids));
  return read.map(({ id, failedAt, letter, attempts, replayed, envelope }) => ({
    id,
    app: appKey,
    failedAt,
    outcome: letter.outcome,
    reason: letter.reason,
    ...(letter.provider_status !== undefined && { providerStatus: letter.provider_status }),
    ...(letter.provider_reason !== undefined && { providerReason: letter.provider_reason }),
    attempts,
    replayed,
    ...envelope,
  }));
}
