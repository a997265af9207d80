import type { Device, Notification } from '@reveille/notification';
import type { Dispatch, DispatchKind } from '@reveille/provider';
import type { AppPolicy, AppRoute } from './app-policy';
import { deadlineOf, dispatchKind } from './dispatch-kind';
import { idsOnly, withoutTweaks, type ContentPolicy } from './ids-only';
import { inSlices } from './in-slices';

/** A dispatch on its way into the queue of `appKey`, with what decides whether it gets in. */
export interface Admission {
  readonly dispatch: Dispatch;
  readonly appKey: string;
  /** The same for a resend of the same event to the same device; absent: never a duplicate. */
  readonly duplicateKey?: string;
}

/** What became of one admission. */
export type AdmissionVerdict =
  | 'accepted' // durably queued
  | 'duplicate' // the same event for this device was accepted within the window
  | 'known-rejection' // the pushkey is remembered as dead
  | 'queue-full' // the app's queue is at its limit
  | 'limited'; // the pushkey, or the sender while the app's queue fills up, has had its share

/** Why a whole request could not be queued. Part of it may be: a resend is absorbed as duplicates. */
export interface EnqueueFailure {
  readonly reason: 'unavailable' | 'too-large';
  /** For the log: never anything of the request. */
  readonly detail: string;
}

export type EnqueueResult =
  | {
      readonly ok: true;
      readonly verdicts: readonly AdmissionVerdict[];
      /** When it is worth sending again what is `limited`, in milliseconds. */
      readonly retryAfterMs?: number;
    }
  | ({ readonly ok: false } & EnqueueFailure);

/** The functions that accepting needs; `main.ts` wires them. */
export interface AcceptDeps {
  readonly routeApp: (appId: string) => AppRoute;
  /** What becomes of a pushkey whose app_id is not served (or matches several globs). */
  readonly unknownApp: 'reject' | 'accept';
  readonly hashDevice: (appId: string, pushkey: string) => string;
  readonly hashEvent: (eventId: string) => string;
  readonly hashRoom: (roomId: string) => string;
  readonly newId: () => string;
  /** Lets other requests have their turn: a request with many devices must not hold up the others. */
  readonly nextTurn: () => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Step 3: resolves after Redis has confirmed the write; one verdict for each admission, in their order. */
  readonly enqueueDispatches: (admissions: readonly Admission[]) => Promise<EnqueueResult>;
}

/** What was decided for one device of the request, for the log and the metrics. */
export interface DeviceDecision {
  readonly deviceHash: string;
  readonly kind: DispatchKind;
  readonly decision: AdmissionVerdict | 'unknown-app' | 'ambiguous-app' | 'removed-app';
  /** The configured app, or the former one. */
  readonly appKey?: string;
}

export type AcceptResult =
  | { readonly ok: true; readonly rejected: readonly string[]; readonly decisions: readonly DeviceDecision[] }
  | { readonly ok: false; readonly reason: 'queue-full'; readonly decisions: readonly DeviceDecision[] }
  | {
      readonly ok: false;
      readonly reason: 'limited';
      readonly retryAfterMs: number | undefined;
      readonly decisions: readonly DeviceDecision[];
    }
  | ({ readonly ok: false } & EnqueueFailure);

/**
 * Step 2 of a notification's way: decides for each device by itself (unknown app, dead pushkey, duplicate, accepted) and
 * queues one dispatch a device. `ok` only when everything that had to be written is written; `rejected` then lists
 * the pushkeys that the homeserver is to forget, letter for letter.
 */
export async function acceptNotification(notification: Notification, deps: AcceptDeps): Promise<AcceptResult> {
  const acceptedAt = deps.now();
  const routed = await inSlices(notification.devices, (device) => routeDevice(device, deps), deps.nextTurn);
  const keep = keptParts(notification);
  const hashes = placeHashes(notification, deps);
  // A rejection cannot be taken back: without the list of former apps nobody is called unknown.
  if (routed.some(({ route }) => route.kind === 'undecided') && deps.unknownApp === 'reject') {
    return { ok: false, reason: 'unavailable', detail: 'the apps served lately are not known yet' };
  }
  const toQueue = await inSlices(
    routed,
    ({ device, deviceHash, route }) =>
      route.kind === 'app' ? [toAdmission({ notification, device, deviceHash, app: route.app, acceptedAt, keep, hashes }, deps)] : [],
    deps.nextTurn,
  );
  const admissions = toQueue.flat();
  const enqueued: EnqueueResult =
    admissions.length > 0 ? await deps.enqueueDispatches(admissions) : { ok: true, verdicts: [] };
  if (!enqueued.ok) return enqueued;

  const verdicts = enqueued.verdicts.values();
  const kind = dispatchKind(notification);
  const decisions = routed.map(({ deviceHash, route }): DeviceDecision => {
    switch (route.kind) {
      case 'app':
        // One verdict for each admission, in order, is the contract of enqueueDispatches; a missing one is not an ack.
        return { deviceHash, kind, decision: verdicts.next().value ?? 'queue-full', appKey: route.app.key };
      case 'removed':
        return { deviceHash, kind, decision: 'removed-app', appKey: route.key };
      case 'ambiguous':
        return { deviceHash, kind, decision: 'ambiguous-app' };
      case 'none':
      case 'undecided':
        return { deviceHash, kind, decision: 'unknown-app' };
      default:
        return route satisfies never;
    }
  });
  // The others of the request are queued all the same; the resend finds them as duplicates.
  if (decisions.some(({ decision }) => decision === 'queue-full')) return { ok: false, reason: 'queue-full', decisions };
  if (decisions.some(({ decision }) => decision === 'limited')) {
    return { ok: false, reason: 'limited', retryAfterMs: enqueued.retryAfterMs, decisions };
  }
  return { ok: true, rejected: rejectedPushkeys(routed, decisions, deps.unknownApp), decisions };
}

interface RoutedDevice {
  readonly device: Device;
  readonly deviceHash: string;
  readonly route: AppRoute;
}

function routeDevice(device: Device, deps: AcceptDeps): RoutedDevice {
  return {
    device,
    deviceHash: deps.hashDevice(device.appId, device.pushkey),
    route: deps.routeApp(device.appId),
  };
}

interface AdmissionParts {
  readonly notification: Notification;
  readonly device: Device;
  readonly deviceHash: string;
  readonly app: AppPolicy;
  readonly acceptedAt: number;
  readonly keep: KeepParts;
  readonly hashes: PlaceHashes;
}

/** By what a push is found again, without saying what it is about; the same for all devices of a notification. */
type PlaceHashes = Pick<Dispatch, 'eventHash' | 'roomHash'>;

function placeHashes({ eventId, roomId }: Notification, deps: AcceptDeps): PlaceHashes {
  return {
    ...(eventId !== undefined && { eventHash: deps.hashEvent(eventId) }),
    ...(roomId !== undefined && { roomHash: deps.hashRoom(roomId) }),
  };
}

type KeepParts = (content: ContentPolicy) => Omit<Notification, 'devices'>;

/** What is kept of a notification by an app with this policy: one object for all devices, which is then encoded once. */
function keptParts({ devices: _devices, ...full }: Notification): KeepParts {
  let ids: Omit<Notification, 'devices'> | undefined;
  return (content) => (content === 'ids_only' ? (ids ??= idsOnly(full)) : full);
}

function toAdmission(parts: AdmissionParts, deps: AcceptDeps): Admission {
  const { notification, device, deviceHash, app, acceptedAt, keep, hashes } = parts;
  const content = app.content ?? 'full';
  return {
    dispatch: {
      id: deps.newId(),
      kind: dispatchKind(notification),
      acceptedAt,
      deadline: deadlineOf(notification, app, acceptedAt),
      deviceHash,
      ...hashes,
      device: content === 'ids_only' ? withoutTweaks(device) : device,
      notification: keep(content),
    },
    appKey: app.key,
    ...(hashes.eventHash !== undefined && { duplicateKey: `${deviceHash}${hashes.eventHash}` }),
  };
}

function rejectedPushkeys(
  routed: readonly RoutedDevice[],
  decisions: readonly DeviceDecision[],
  unknownApp: AcceptDeps['unknownApp'],
): string[] {
  const rejected = routed.filter((_, index) => {
    switch (decisions[index]?.decision) {
      case 'known-rejection':
        return true;
      // Nobody here can ever deliver to it. `accept` instead drops it, for vendors who fear their own configuration.
      case 'unknown-app':
      case 'ambiguous-app':
        return unknownApp === 'reject';
      // Removed by mistake, perhaps: its users are not unsubscribed for it. The rest is queued or refused as a whole.
      default:
        return false;
    }
  });
  return [...new Set(rejected.map(({ device }) => device.pushkey))];
}
