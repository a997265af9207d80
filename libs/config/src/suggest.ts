import { distance } from 'fastest-levenshtein';

/** Above this a hostile or pasted text is no typing mistake, and the distance costs its square. */
const MAX_COMPARED_LENGTH = 100;

/** The candidate that `text` was probably meant to be: same letters but for case, `-` and `_`, or few typing mistakes. */
export function suggest(text: string, candidates: readonly string[]): string | undefined {
  if (text.length > MAX_COMPARED_LENGTH) return undefined;
  const plain = plainly(text);
  const ranked = candidates
    .map((candidate) => ({ candidate, mistakes: distance(plain, plainly(candidate)) }))
    .sort((a, b) => a.mistakes - b.mistakes);
  const best = ranked[0];
  return best && best.mistakes <= allowedMistakes(text) ? best.candidate : undefined;
}

function plainly(text: string): string {
  return text.toLowerCase().replaceAll(/[-_. ]/g, '');
}

function allowedMistakes(text: string): number {
  return Math.min(3, Math.max(1, Math.floor(text.length / 3)));
}
