import { z } from 'zod';
import { readHistory } from '../attempt-history';
import type { DecodedJob, DispatchCodec } from '../dispatch-codec';
import { parseJson } from '../parse-json';
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
  const raw = new Map(RAW_FIELDS.map((name, index) => [name, fields[index] ?? ''] as const).filter(([, value]) => value !== ''));
  return {
    ...item,
    priority: Number(raw.get('priority') ?? 0) === 0 ? 'high' : 'low',
    history: readHistory(stacktrace === '' ? null : stacktrace),
    ...contentOf(codec.decode(appKey, id, parseJson(data))),
    raw: Object.fromEntries(raw),
  };
}

function contentOf({ dispatch, unreadable }: DecodedJob): Pick<ShownPush, 'kind' | 'shape' | 'unreadable'> {
  if (dispatch === undefined) {
    return { unreadable: unreadable.reason, ...(unreadable.envelope && { kind: unreadable.envelope.kind }) };
  }
  const { kind, device, notification } = dispatch;
  return { kind, shape: shapeOf({ device, notification }) };
}
