import { MOST_ATTEMPTS } from '@reveille/admin-api';
import type { FailedFilter } from '@reveille/queue';

import { askedDevice, deviceHash, PUSHKEY_FLAGS, pusherAppId, relayHash } from './asked-pushkey';
import type { AskedDevice } from './asked-pushkey';
import { UsageError } from './command';
import type { CommandContext } from './command';
import type { FoundApp } from './find-app';
import { oneOf, wholeNumber } from './flag-values';
import type { RelayArguments } from './relay-flags';
import { parseSince } from './since';
import { findServedApp } from './work-on-app';
import type { RelayRedis } from './with-relay-redis';

/** The flags that say which failed pushes are meant. */
export const FILTER_FLAGS = [
  ...['app', 'reason', 'provider-status', 'provider-reason', 'outcome', 'since', 'until', 'event', 'room'],
  ...['attempts-min', 'attempts-max', ...PUSHKEY_FLAGS],
] as const;

/** "The provider said nothing." */
const NONE = 'none';
const HTTP_STATUS = { least: 100, most: 599 };
const ATTEMPTS = { least: 0, most: MOST_ATTEMPTS };

/** What was asked for, before the relay's Redis is at hand. */
export interface AskedFilter {
  /** Whatever needs no Redis. */
  readonly known: FailedFilter;
  readonly app?: string;
  readonly eventId?: string;
  readonly roomId?: string;
  readonly device?: AskedDevice;
}

/** Reads the flags of a filter, and the pushkey if it is to be read. @throws UsageError */
export async function askedFilter(args: Pick<RelayArguments, 'values'>, context: CommandContext): Promise<AskedFilter> {
  const { values } = args;
  const known = { ...causeOf(values), ...timesOf(values), ...attemptsOf(values) };
  const device = await askedDevice(args, context);
  if (device && 'pushkey' in device) pusherAppId(values.app);
  return {
    known,
    ...(values.app !== undefined && { app: values.app }),
    ...(values.event !== undefined && { eventId: values.event }),
    ...(values.room !== undefined && { roomId: values.room }),
    ...(device && { device }),
  };
}

/** Whether nothing was said of which pushes are meant. */
export function isEmpty({ known, app, eventId, roomId, device }: AskedFilter): boolean {
  return Object.keys(known).length === 0 && [app, eventId, roomId, device].every((part) => part === undefined);
}

/** The filter with the key of its app and with hashes; or why there is no such app. Rejects when Redis does. */
export async function resolveFilter(
  relay: RelayRedis,
  { known, app: name, eventId, roomId, device }: AskedFilter,
): Promise<{ readonly ok: true; readonly filter: FailedFilter } | Extract<FoundApp, { ok: false }>> {
  const app = name === undefined ? undefined : await findServedApp(relay, name);
  if (app?.ok === false) return app;
  const hash = await relayHash(relay);
  return {
    ok: true,
    filter: {
      ...known,
      ...(app && { app: app.key }),
      ...(eventId !== undefined && { eventHash: hash.event(eventId) }),
      ...(roomId !== undefined && { roomHash: hash.room(roomId) }),
      ...(device && { deviceHash: deviceHash(device, hash, name ?? '') }),
    },
  };
}

type Values = RelayArguments['values'];

function causeOf(values: Values): FailedFilter {
  const { reason, 'provider-reason': said } = values;
  const outcome = oneOf(values, 'outcome', ['dead', 'expired']);
  const status = values['provider-status'] === NONE ? null : wholeNumber(values, 'provider-status', HTTP_STATUS);
  return {
    ...(outcome !== undefined && { outcome }),
    ...(reason !== undefined && { reason: notEmpty('reason', reason) }),
    ...(status !== undefined && { providerStatus: status }),
    ...(said !== undefined && { providerReason: said === NONE ? null : notEmpty('provider-reason', said) }),
  };
}

function notEmpty(flag: string, text: string): string {
  if (text !== '') return text;
  throw new UsageError(`--${flag} is empty`);
}

function timesOf({ since, until }: Values): FailedFilter {
  const now = Date.now();
  return {
    ...(since !== undefined && { since: parseSince(since, now) }),
    ...(until !== undefined && { until: parseSince(until, now, '--until') }),
  };
}

function attemptsOf(values: Values): FailedFilter {
  const [least, most] = [wholeNumber(values, 'attempts-min', ATTEMPTS), wholeNumber(values, 'attempts-max', ATTEMPTS)];
  return { ...(least !== undefined && { attemptsMin: least }), ...(most !== undefined && { attemptsMax: most }) };
}
