import type { FilterInput } from '@reveille/admin-api';
import { parseMoment } from '@reveille/config';
import type { FailedFilter, FailedPushes } from '@reveille/queue';
import type { KeyedHash } from '@reveille/relay';

import type { AppDirectory } from '../../app-directory';
import { WrongInput } from '../answers';

export interface FailedDeps {
  readonly failed: FailedPushes;
  readonly directory: AppDirectory;
  /** Keys of apps that were removed from the configuration, and may have left failed pushes. */
  readonly removedApps: () => Promise<readonly string[]>;
  /** Throws while its key is not loaded. */
  readonly hash: () => KeyedHash;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The ways to ask for a device: a query has fewer. */
type DeviceInput = Pick<FilterInput, 'app' | 'app_id' | 'pushkey' | 'pushkey_hash'>;

/**
 * What a question means: apps by key, ids and pushkeys as their hashes, moments as milliseconds.
 *
 * @param prefix of the fields' names, for what is said of them
 * @throws WrongInput
 */
export async function toFilter(deps: FailedDeps, input: FilterInput, prefix = ''): Promise<FailedFilter> {
  const { directory, hash, now } = deps;
  const { app, outcome, reason, provider_status, provider_reason, event_id, room_id, attempts_min, attempts_max } = input;
  const filter = {
    app: app === undefined ? undefined : await failedApp(deps, app, `${prefix}app`),
    ...{ outcome, reason, providerStatus: provider_status, providerReason: provider_reason },
    since: momentOf(input.since, `${prefix}since`, now()),
    until: momentOf(input.until, `${prefix}until`, now()),
    eventHash: event_id === undefined ? undefined : hash().event(event_id),
    roomHash: room_id === undefined ? undefined : hash().room(room_id),
    deviceHash: deviceHashOf(input, { directory, hash, prefix }),
    ...{ attemptsMin: attempts_min, attemptsMax: attempts_max },
  };
  return withoutAbsent(filter);
}

/** The key of an app that is, or lately was, in the configuration. @throws WrongInput */
export async function failedApp({ directory, removedApps }: Pick<FailedDeps, 'directory' | 'removedApps'>, name: string, field = 'app'): Promise<string> {
  const key = directory.find(name);
  if (key !== undefined) return key;
  if ((await removedApps()).includes(name)) return name;
  return directory.mustFind(name, field);
}

function momentOf(text: string | undefined, field: string, now: number): number | undefined {
  if (text === undefined) return undefined;
  const moment = parseMoment(text, now);
  if (moment === undefined) throw new WrongInput(field, 'must be ISO 8601 (2026-01-31T12:00Z) or a time back from now (2h, 30m)');
  return moment;
}

interface HashDeps extends Pick<FailedDeps, 'directory' | 'hash'> {
  readonly prefix: string;
}

function deviceHashOf(input: DeviceInput, { directory, hash, prefix }: HashDeps): string | undefined {
  const { app, app_id, pushkey, pushkey_hash } = input;
  if (pushkey === undefined) return pushkey_hash;
  if (pushkey_hash !== undefined) throw new WrongInput(`${prefix}pushkey_hash`, 'stands beside pushkey: one of the two is enough');
  const id = app_id ?? app;
  if (id === undefined) throw new WrongInput(`${prefix}app_id`, 'is required beside pushkey: its hash is made of both');
  return hash().device(directory.mustBeAppId(id, `${prefix}${app_id === undefined ? 'app' : 'app_id'}`).appId, pushkey);
}

type Present<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

function withoutAbsent<T extends object>(value: T): Partial<Present<T>> {
  // Only entries that are undefined are left out.
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Partial<Present<T>>;
}
