import { commonAppShape } from '@reveille/config';
import { createHash } from 'node:crypto';
import type { AppSettings } from './app-schema';

/** Enough that two settings never share one. */
const HEX_CHARACTERS = 16;
/** Limits and the like decide how many pushes are sent, not what the provider thinks of them. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set(Object.keys(commonAppShape));

/**
 * Names the settings of an app that could make its provider refuse pushkeys: topic, platform, key, project, address, and what
 * is in the files. Another name: what was wrong may be right now. A hash; it lies on Redis.
 *
 * @param files differs when the content of the app's files differs
 */
export function settingsFingerprint(app: AppSettings, files: string): string {
  const relevant = Object.entries(app)
    .filter(([key]) => !WITHOUT_EFFECT.has(key))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify([relevant, files])).digest('hex').slice(0, HEX_CHARACTERS);
}
