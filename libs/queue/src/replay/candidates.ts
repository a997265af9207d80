import type { Dispatch } from '@reveille/provider';
import { z } from 'zod';
import type { RedisClient } from '../connect-redis';
import type { DispatchCodec } from '../dispatch-codec';
import type { FailedPlace } from '../failed/failed-types';
import { parseJson } from '../parse-json';
import { READ_DATA } from './replay-scripts';

/** A failed push as the scripts of a replay want to know it. */
export interface Candidate extends FailedPlace {
  /** '': its job cannot be read. */
  readonly deviceHash: string;
  readonly eventHash: string;
  /** Milliseconds since the epoch; 0: unknown. */
  readonly pushkeySetAt: number;
  readonly kind: string;
  /** Milliseconds since the epoch; 0: unknown. */
  readonly deadline: number;
  /** The deadline with which it would be sent; 0: it is past its own, and gets no other. */
  readonly newDeadline: number;
  /** Its job's data with the new deadline; '': they stay as they are. */
  readonly data: string;
}

/** Milliseconds that a push of an app may take from now on, by kind. */
export type MaxAges = Readonly<Record<Dispatch['kind'], number>>;

export interface CandidateOptions {
  readonly redis: RedisClient;
  /** The app's key base. */
  readonly base: string;
  readonly appKey: string;
  readonly codec: DispatchCodec;
  /** For those past their deadline; undefined: they get no new one. */
  readonly renewed: MaxAges | undefined;
  /** Milliseconds since the epoch, by Redis' clock. */
  readonly now: number;
}

/** The protocol has the age of a pushkey in seconds (Push Gateway API, `pushkey_ts`). */
const MS_PER_SECOND = 1000;

const dataSchema = z.array(z.string());

/** Reads what is to be known of failed pushes. Rejects when Redis does. */
export async function readCandidates(options: CandidateOptions, places: readonly FailedPlace[]): Promise<Candidate[]> {
  if (places.length === 0) return [];
  const ids = places.map(({ id }) => id);
  const data = dataSchema.parse(await READ_DATA.run(options.redis, options.base, ids));
  return places.map((place, index) => toCandidate(options, place, data[index] ?? ''));
}

export function candidateArguments(candidates: readonly Candidate[]): (string | number)[] {
  return candidates.flatMap(({ id, failedAt, deviceHash, pushkeySetAt, eventHash, kind, deadline, newDeadline, data }) => [
    ...[id, failedAt, deviceHash, pushkeySetAt, eventHash, kind],
    ...[deadline, newDeadline, data],
  ]);
}

function toCandidate(options: CandidateOptions, place: FailedPlace, data: string): Candidate {
  const { codec, appKey, now } = options;
  const { dispatch } = codec.decode(appKey, place.id, parseJson(data));
  if (dispatch) {
    const { deviceHash, eventHash = '', kind, deadline, device } = dispatch;
    const renewed = deadline > now ? undefined : renew(options, dispatch);
    return { ...place, deviceHash, eventHash, kind, deadline, pushkeySetAt: (device.pushkeyTs ?? 0) * MS_PER_SECOND, ...(renewed ?? unchanged(deadline, now)) };
  }
  // Also what is sealed with a key that this process does not know: dispatchers have the same configuration, and one such push
  // would stop the whole app.
  return { ...place, deviceHash: '', eventHash: '', kind: '', deadline: 0, pushkeySetAt: 0, newDeadline: 0, data: '' };
}

type NewDeadline = Pick<Candidate, 'newDeadline' | 'data'>;

function unchanged(deadline: number, now: number): NewDeadline {
  return { newDeadline: deadline > now ? deadline : 0, data: '' };
}

function renew({ codec, appKey, renewed, now }: CandidateOptions, dispatch: Dispatch): NewDeadline | undefined {
  if (!renewed) return undefined;
  const deadline = Math.floor(now + renewed[dispatch.kind]);
  return { newDeadline: deadline, data: codec.encode(appKey, { ...dispatch, deadline }) };
}
