import { isRecord } from './is-record';
import { REDIS_URL_VARIABLE } from './environment-overrides';
import type { Override } from './environment-overrides';
import { REDIS_CREDENTIALS, sharesCredentials } from './redis-credentials';
import { REDIS_PLACES } from './redis-node';

type FileValue = Readonly<Record<string, unknown>>;

/** The forms of each way to say where Redis is. */
const PLACES: readonly string[] = [...REDIS_PLACES, 'url_file'];
/** What means something beside `sentinels` only. */
const OF_SENTINELS = ['name', 'sentinel_username', 'sentinel_password', 'sentinel_password_file'];

/**
 * The environment's word on where Redis is replaces the file's, of whatever kind either is, and one of ours replaces
 * `REDIS_URL`. Two of ours stay both, and the schema refuses them. The file's credentials do not go to a server that a URL of the
 * environment names; those of the environment do.
 */
export function settleRedisPlace(fileValue: FileValue, overrides: readonly Override[]): {
  readonly fileValue: FileValue;
  readonly overrides: readonly Override[];
} {
  const given = overrides.filter(({ path: [section, key] }) => section === 'redis' && PLACES.includes(key ?? ''));
  if (given.length === 0) return { fileValue, overrides };
  const own = given.filter(({ variable }) => variable !== REDIS_URL_VARIABLE);
  const left = own.length === 0 ? overrides : overrides.filter(({ variable }) => variable !== REDIS_URL_VARIABLE);
  const staysSentinel = given.some(({ path }) => path[1] === 'sentinels');
  const section = isRecord(fileValue.redis) ? fileValue.redis : {};
  const dropped = new Set([...PLACES, ...(staysSentinel ? [] : OF_SENTINELS), ...foreignCredentials(section, left)]);
  const redis = Object.fromEntries(Object.entries(section).filter(([key]) => !dropped.has(key)));
  return { fileValue: { ...fileValue, redis }, overrides: left };
}

function foreignCredentials(section: FileValue, overrides: readonly Override[]): readonly string[] {
  const url = overrides.find(({ path: [name, key] }) => name === 'redis' && key === 'url')?.value;
  return typeof url === 'string' && !sharesCredentials(section, url) ? REDIS_CREDENTIALS : [];
}
