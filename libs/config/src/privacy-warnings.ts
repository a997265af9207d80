import type { PlacedProblem } from './config-problem';
import { isRecord } from './is-record';

/**
 * Sealed pushes beside a hash key that lies on the same Redis: whoever has a copy of it could still match the hashes with a list
 * of pushkeys that he has from elsewhere.
 */
export function privacyWarnings({ privacy }: Readonly<Record<string, unknown>>): readonly PlacedProblem[] {
  if (!isRecord(privacy) || privacy.sealing_keys === undefined || privacy.hash_key !== undefined) return [];
  const path = ['privacy', 'hash_key'];
  const message =
    'should be set beside `sealing_keys`: without it the key of the pushkey hashes lies on Redis, beside what is sealed';
  return [{ path, problem: { path: 'privacy.hash_key', found: 'nothing', message, example: 'hash_key_file: /run/secrets/reveille-hash-key' } }];
}
