import { closest, distance } from 'fastest-levenshtein';

/** A word further off than this from every candidate is not a typing mistake. */
const MAX_SUGGESTION_DISTANCE = 3;

/** `; did you mean 'CANDIDATE'?`, or nothing when no candidate is near. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  if (candidates.length === 0) return '';
  const guess = closest(word, candidates);
  return distance(word, guess) <= MAX_SUGGESTION_DISTANCE ? `; did you mean '${guess}'?` : '';
}
