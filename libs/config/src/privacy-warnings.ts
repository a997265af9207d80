import type { PlacedProblem } from './config-problem';
import { isRecord } from './is-record';

/** What stops nothing, but does less than whoever wrote it may expect. */
export function privacyWarnings({ privacy }: Readonly<Record<string, unknown>>): readonly PlacedProblem[] {
  return isRecord(privacy) ? [...guessableHashes(privacy), ...uselessRequirement(privacy)] : [];
}

/**
 * Sealed pushes beside a hash key that lies on the same Redis: whoever has a copy of it could still match the hashes with a list
 * of pushkeys that he has from elsewhere.
 */
function guessableHashes(privacy: Readonly<Record<string, unknown>>): readonly PlacedProblem[] {
  if (privacy.sealing_keys === undefined || privacy.hash_key !== undefined) return [];
  const path = ['privacy', 'hash_key'];
  const message =
    'should be set beside `sealing_keys`: without it the key of the pushkey hashes lies on Redis, beside what is sealed';
  return [{ path, problem: { path: 'privacy.hash_key', found: 'nothing', message, example: 'hash_key_file: /run/secrets/reveille-hash-key' } }];
}

function uselessRequirement({ require_sealed, sealing_keys }: Readonly<Record<string, unknown>>): readonly PlacedProblem[] {
  if (require_sealed !== true || sealing_keys !== undefined) return [];
  const path = ['privacy', 'require_sealed'];
  const message = 'does nothing without `sealing_keys`: pushes wait in the clear, and are read';
  return [{ path, problem: { path: 'privacy.require_sealed', found: 'true', message } }];
}
