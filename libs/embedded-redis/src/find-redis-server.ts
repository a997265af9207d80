import { probeServer } from './probe-server';
import { locateUnpackedServer, unpackServer } from './unpack-server';
import type { RedisServer } from './probe-server';

export interface FindRedisServerOptions {
  /** Where an unpacked server is kept between runs, for example `.cache/redis` of the workspace. */
  readonly cacheDirectory: string;
  /** Whether the package manager may be asked to download one (about 1.3 MB). */
  readonly allowDownload: boolean;
  /** Told what takes time, one line each. */
  readonly log?: (line: string) => void;
}

export type FindRedisServerResult = ({ readonly ok: true } & RedisServer) | { readonly ok: false; readonly message: string };

/** Looked for on PATH, in this order. */
const SERVER_NAMES = ['redis-server', 'valkey-server'];

const HOW_TO_INSTALL =
  'No Redis found. Install one with `apt-get install redis-server` (macOS: `brew install redis`), ' +
  'or name one in the configuration (redis.url) or with REVEILLE_REDIS__URL=redis://host:6379.';

/**
 * Finds a Redis or Valkey server that starts on this machine: on PATH, else unpacked earlier in the cache directory,
 * else unpacked into it now from Debian's or Ubuntu's packages, which needs neither root nor an installation.
 * Never throws; without a server the message says the one command that installs it.
 */
export async function findRedisServer(options: FindRedisServerOptions): Promise<FindRedisServerResult> {
  for (const name of SERVER_NAMES) {
    const probe = await probeServer(name, {});
    if (probe.ok) return probe;
  }
  const unpacked = await locateUnpackedServer(options.cacheDirectory);
  if (unpacked.ok) return unpacked;
  if (!options.allowDownload) return { ok: false, message: HOW_TO_INSTALL };
  options.log?.('no Redis on this machine: unpacking one from the distribution packages (1.3 MB)');
  const filled = await unpackServer(options.cacheDirectory);
  return filled.ok ? filled : { ok: false, message: `${HOW_TO_INSTALL} (Unpacking one failed: ${filled.message})` };
}
