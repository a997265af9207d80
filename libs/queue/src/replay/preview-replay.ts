import type { FailedFilter } from '../failed/failed-filter';
import type { FailedPlace } from '../failed/failed-types';
import { appOfQueue } from '../keyspace';
import type { AppReplay, Decided } from './app-replay';
import { NOT_SENT } from './replay-lua';
import type { ReplaysOptions } from './replay-options';
import { countEach } from './replay-part';
import { SEND } from './replay-scripts';
import type { ReplayPreview, ReplayRequest } from './replay-types';

/** Of an app with more failed pushes than this, some are looked at, evenly over the time in which they failed. */
export const LOOKED_AT_EACH = 4000;
/** Stretches of time of which a sample is taken, and how large it is. */
const STRETCHES = 16;
const SAMPLE = LOOKED_AT_EACH / STRETCHES;
/** Pushes that one script looks at: so long does Redis serve nobody else. */
const LOOK_AT_ONCE = 250;
/** Of every stretch these are looked at first, so that an estimate stands on all of them, however slow Redis is. */
const FIRST_LOOK = 20;
/** After this (milliseconds) the rest is estimated by what was looked at: somebody waits. */
const PATIENCE_MS = 500;
/** The same for the first look. */
const FIRST_PATIENCE_MS = 2000;
/** Milliseconds since the epoch: no push fails later. */
const END_OF_TIME = Number.MAX_SAFE_INTEGER;

type Parts = Record<Decided['decision'], number>;

export interface PreviewOptions extends Pick<ReplaysOptions, 'failed'> {
  readonly appReplay: (appKey: string) => AppReplay;
  /** Milliseconds, never set back. */
  readonly monotonic: () => number;
}

/** What a replay would do now, as a partition of what matches. Changes nothing; rejects when Redis does. */
export async function previewReplay(options: PreviewOptions, { filter, includeExpired }: Omit<ReplayRequest, 'rate'>, apps: readonly string[]): Promise<ReplayPreview> {
  const { failed, monotonic } = options;
  const startedAt = monotonic();
  const counts = await Promise.all(apps.map(async (appKey) => ({ appKey, count: await failed.count(appKey, filter) })));
  const matched = counts.reduce((sum, { count }) => sum + count, 0);
  const stretches = await stretchesOf(options, { filter, includeExpired }, counts);
  const looked = new Map(stretches.map((stretch): [Stretch, Looked] => [stretch, { parts: noParts(), last: undefined }]));
  const look = async (most: number, patienceMs: number): Promise<void> => {
    for (const [stretch, { parts, last }] of looked) {
      if (monotonic() >= startedAt + patienceMs) return;
      const limit = Math.min(most, stretch.limit) - sumOf(parts);
      const places = limit > 0 ? await failed.oldestFirst(stretch.appKey, stretch.filter, { after: last, until: END_OF_TIME, limit }) : [];
      addScaled(parts, await stretch.look(places), 1);
      looked.set(stretch, { parts, last: places.at(-1) ?? last });
    }
  };
  await look(FIRST_LOOK, FIRST_PATIENCE_MS);
  await look(Infinity, PATIENCE_MS);
  const parts = noParts();
  let lookedAt = 0;
  for (const [{ count }, { parts: seen }] of looked) {
    const total = sumOf(seen);
    if (total > 0) addScaled(parts, seen, count / total);
    lookedAt += total;
  }
  const { [SEND]: wouldSend, ...notSent } = toWhole(parts, matched);
  return { matched, wouldSend, notSent, isEstimated: lookedAt < matched };
}

interface AppCount {
  readonly appKey: string;
  readonly count: number;
}

/** Failed pushes that stand for all that failed in the same time. */
interface Stretch extends AppCount {
  readonly filter: FailedFilter;
  /** So many are looked at. */
  readonly limit: number;
  readonly look: (places: readonly FailedPlace[]) => Promise<Parts>;
}

/** What was seen of a stretch so far, and how far that went. */
interface Looked {
  readonly parts: Parts;
  readonly last: FailedPlace | undefined;
}

async function stretchesOf(options: PreviewOptions, { filter, includeExpired }: Omit<ReplayRequest, 'rate'>, counts: readonly AppCount[]): Promise<Stretch[]> {
  const stretches: Stretch[] = [];
  for (const { appKey, count } of counts) {
    const look = looker(options.appReplay(appKey), includeExpired);
    if (count > LOOKED_AT_EACH) {
      for (const each of await samplesOf(options, appKey, filter)) stretches.push({ ...each, appKey, limit: SAMPLE, look });
    } else if (count > 0) {
      stretches.push({ appKey, filter, count, limit: count, look });
    }
  }
  return stretches;
}

/** Counts the decisions. Two pushes of one event for one device: whichever is sent first makes the other one a duplicate. */
function looker(app: AppReplay, includeExpired: boolean): (places: readonly FailedPlace[]) => Promise<Parts> {
  const sent = new Set<string>();
  return async (places) => {
    const parts = noParts();
    for (let at = 0; at < places.length; at += LOOK_AT_ONCE) {
      for (const { decision, push } of await app.look(places.slice(at, at + LOOK_AT_ONCE), { includeExpired })) {
        const same = push.deviceHash + push.eventHash;
        const isSecond = decision === SEND && push.eventHash !== '' && sent.has(same);
        if (decision === SEND) sent.add(same);
        parts[isSecond ? 'already_delivered' : decision]++;
      }
    }
    return parts;
  };
}

/** Equal stretches of the time in which the app's pushes failed, with how many failed in each. */
async function samplesOf({ failed }: PreviewOptions, appKey: string, filter: FailedFilter): Promise<Pick<Stretch, 'filter' | 'count'>[]> {
  // Those of all queues of the app: their times are the same, or nearly.
  const { causes } = await failed.causes({ ...filter, app: appOfQueue(appKey) });
  const first = Math.min(...causes.map(({ firstAt }) => firstAt));
  const last = Math.max(...causes.map(({ lastAt }) => lastAt));
  if (!Number.isFinite(first)) return [];
  const length = Math.ceil((last - first + 1) / STRETCHES);
  const bounds = Array.from({ length: STRETCHES }, (_, index) => ({ since: first + index * length, until: Math.min(last, first + (index + 1) * length - 1) }));
  const filters = bounds.filter(({ since, until }) => since <= until).map((bound) => ({ ...filter, ...bound }));
  return Promise.all(filters.map(async (each) => ({ filter: each, count: await failed.count(appKey, each) })));
}

function noParts(): Parts {
  return { ...countEach(NOT_SENT, () => 0), [SEND]: 0 };
}

function namesOf(parts: Parts): Decided['decision'][] {
  // A record's keys are what its type says: it is made above.
  return Object.keys(parts) as Decided['decision'][];
}

function sumOf(parts: Parts): number {
  return namesOf(parts).reduce((sum, name) => sum + parts[name], 0);
}

function addScaled(parts: Parts, seen: Parts, factor: number): void {
  for (const name of namesOf(seen)) parts[name] += seen[name] * factor;
}

/** In proportion, as whole numbers whose sum is `matched`: what is left by rounding goes to the parts that lost most by it. */
function toWhole(parts: Parts, matched: number): Parts {
  const covered = sumOf(parts);
  if (covered === 0) return { ...noParts(), gone: matched };
  const whole = noParts();
  const exact = namesOf(parts).map((name) => ({ name, value: (parts[name] * matched) / covered }));
  for (const { name, value } of exact) whole[name] = Math.floor(value);
  const byLoss = exact.toSorted((a, b) => b.value - whole[b.name] - (a.value - whole[a.name]));
  for (const { name } of byLoss.slice(0, matched - sumOf(whole))) whole[name]++;
  return whole;
}
