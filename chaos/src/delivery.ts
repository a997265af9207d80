import type { ReceivedPush } from '@reveille/simulator';
import { z } from 'zod';

import { countsKey } from './notification';

/** One request that a provider got, in the books' words. */
export interface Delivery {
  readonly onWire: string;
  /** As in ChaosPush; undefined for a push that is none of ours. */
  readonly key: string | undefined;
  /** What the provider answered; null: nothing. */
  readonly status: number | null;
  /** Milliseconds since the epoch, by the clock of the suite. */
  readonly at: number;
  /** Only APNs has them. */
  readonly apnsId: string | undefined;
  readonly collapseId: string | undefined;
}

const apnsPayload = z.object({
  event_id: z.string().optional(),
  aps: z.object({ badge: z.number().optional() }).optional(),
});
const fcmPayload = z.object({
  message: z.object({ data: z.object({ event_id: z.string().optional(), unread: z.string().optional() }) }),
});

/** Reads what the simulator received. */
export function toDelivery({ provider, pushkey, headers, payload, status, at }: ReceivedPush): Delivery {
  const key = provider === 'apns' ? apnsKey(payload) : fcmKey(payload);
  return { onWire: pushkey, key, status, at, apnsId: headers['apns-id'], collapseId: headers['apns-collapse-id'] };
}

function apnsKey(payload: unknown): string | undefined {
  const parsed = apnsPayload.safeParse(payload);
  if (!parsed.success) return undefined;
  const { event_id: eventId, aps } = parsed.data;
  return eventId ?? (aps?.badge === undefined ? undefined : countsKey(aps.badge));
}

function fcmKey(payload: unknown): string | undefined {
  const parsed = fcmPayload.safeParse(payload);
  if (!parsed.success) return undefined;
  const { event_id: eventId, unread } = parsed.data.message.data;
  return eventId ?? (unread === undefined ? undefined : countsKey(Number(unread)));
}
