import type { AppView, Minute } from '@reveille/admin-api';
import { toIso } from '@reveille/operations';
import { credentialsByApp, type ProcessInfo, type StatMinute, type StatsReader } from '@reveille/queue';

import type { AppStatistics } from './apps-overview';

const HOUR_MS = 3_600_000;
/** The minute that is not over yet is one of them. Milliseconds. */
const MINUTE_MS = 60_000;

export async function readStatistics(stats: StatsReader, appKey: string): Promise<AppStatistics> {
  const { rates, timeToDelivery, answers } = await stats.overview(appKey);
  return { rates, time_to_delivery_ms: timeToDelivery, answers: [...answers] };
}

/** One entry for each minute of the last hours. `now`: milliseconds since the epoch. */
export async function readMinutes(stats: StatsReader, appKey: string, { hours, now }: { readonly hours: number; readonly now: number }): Promise<Minute[]> {
  const { minutes } = await stats.read(appKey, { from: now - hours * HOUR_MS + MINUTE_MS, to: now });
  return minutes.map(toMinute);
}

export function credentialViews(processes: readonly ProcessInfo[]): ReadonlyMap<string, AppView['credentials']> {
  return new Map(
    [...credentialsByApp(processes)].map(([app, credentials]) => [
      app,
      credentials.map(({ kind, expiresAt }) => ({ kind, expires_at: toIso(expiresAt) })),
    ]),
  );
}

function toMinute({ at, accepted, delivered, rejected, dead, expired, superseded, skipped, timeToDelivery }: StatMinute): Minute {
  return {
    at: toIso(at),
    ...{ accepted, delivered, rejected, failed: dead, expired, superseded, skipped },
    p50_ms: timeToDelivery?.p50 ?? null,
    p99_ms: timeToDelivery?.p99 ?? null,
  };
}
