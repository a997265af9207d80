import { z } from 'zod';
import { readHistory } from '../attempt-history';
import type { DecodedJob, DispatchCodec } from '../dispatch-codec';
import { readItems, type AppPlace } from './failed-item';
import type { ShownPush } from './failed-types';
import { RAW_FIELDS, READ_JOB } from './search-scripts';
import { shapeOf } from './shape-of';

const jobSchema = z.tuple([z.string(), z.string()], z.string()).nullable();

/** One failed push with everything that may be told of it; undefined: it is not failed. Rejects when Redis does. */
export async function showFailed(place: AppPlace & { readonly codec: DispatchCodec }, id: string): Promise<ShownPush | undefined> {
  const { redis, base, appKey, codec } = place;
  const [item] = await readItems(place, [id]);
  const job = jobSchema.parse(await READ_JOB.run(redis, base, [id]));
  if (!item || !job) return undefined;
  const [data, stacktrace, ...fields] = job;
  const raw = Object.fromEntries(RAW_FIELDS.map((name, index) => [name, fields[index] ?? '']).filter(([, value]) => value !== ''));
  const decoded = codec.decode(appKey, id, parseJson(data));
  const kind = decoded.dispatch?.kind ?? decoded.unreadable?.envelope?.kind;
  return {
    ...item,
    ...(kind && { kind }),
    priority: Number(raw['priority'] ?? 0) === 0 ? 'high' : 'low',
    history: readHistory(stacktrace === '' ? null : stacktrace),
    ...contentOf(decoded),
    raw,
  };
}

function contentOf({ dispatch, unreadable }: DecodedJob): Pick<ShownPush, 'shape' | 'unreadable'> {
  if (dispatch === undefined) return { unreadable: unreadable.reason };
  const { device, notification } = dispatch;
  return { shape: shapeOf({ device, notification }) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // fits no schema: unreadable
  }
}
