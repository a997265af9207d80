import { keyedHash } from '@reveille/admin-api';
import { isGlob } from '@reveille/config';
import { readHashKey } from '@reveille/rejections';
import { createKeyedHash } from '@reveille/relay';
import type { KeyedHash } from '@reveille/relay';

import { UsageError } from './command';
import type { CommandContext } from './command';
import type { RelayArguments } from './relay-flags';
import type { RelayRedis } from './with-relay-redis';

/** As the relay takes them. Bytes. */
const MAX_PUSHKEY_BYTES = 4096;

/** Which device is meant: by its pushkey, or by the hash under which everything of ours names it. */
export type AskedDevice = { readonly pushkey: string } | { readonly hash: string };

/** The flags of `askedDevice`. */
export const PUSHKEY_FLAGS = ['pushkey', 'pushkey-hash'] as const;

/**
 * The device of `--pushkey -` (read from standard input, or asked for) or `--pushkey-hash HASH`; undefined: neither was given.
 * @throws UsageError also for a pushkey on the command line, which it does not repeat.
 */
export async function askedDevice({ values }: Pick<RelayArguments, 'values'>, context: CommandContext): Promise<AskedDevice | undefined> {
  const { pushkey, 'pushkey-hash': hash } = values;
  if (pushkey !== undefined && hash !== undefined) throw new UsageError('either --pushkey or --pushkey-hash');
  if (pushkey !== undefined) return { pushkey: await readPushkey(pushkey, context) };
  if (hash === undefined || keyedHash.safeParse(hash).success) return hash === undefined ? undefined : { hash };
  throw new UsageError('--pushkey-hash is a hash as the relay shows it; to give a pushkey: --pushkey -');
}

async function readPushkey(given: string, { terminal }: CommandContext): Promise<string> {
  if (given !== '-') {
    throw new UsageError('a pushkey on the command line is seen by every user of this host: give `--pushkey -`, and the pushkey by standard input');
  }
  const pushkey = (await terminal.readSecret('Pushkey: ')) ?? '';
  if (pushkey !== '' && Buffer.byteLength(pushkey) <= MAX_PUSHKEY_BYTES) return pushkey;
  throw new UsageError('--pushkey - reads one pushkey from standard input, and there was none');
}

/** The app id of a pusher, which is part of its device's name: a glob names many. @throws UsageError */
export function pusherAppId(name: string | undefined): string {
  if (name !== undefined && !isGlob(name)) return name;
  throw new UsageError(`with --pushkey, --app must be the app id of the pusher${name === undefined ? '' : ', not a glob'}`);
}

/** The hashes by which the relay names devices, events and rooms. Rejects when Redis does. */
export async function relayHash({ redis, prefix, settings }: RelayRedis): Promise<KeyedHash> {
  return createKeyedHash(await readHashKey(redis, prefix, settings.privacy.hash_key));
}

/** @param appId of the pusher; needed for a pushkey */
export function deviceHash(device: AskedDevice, hash: KeyedHash, appId: string): string {
  return 'hash' in device ? device.hash : hash.device(appId, device.pushkey);
}
