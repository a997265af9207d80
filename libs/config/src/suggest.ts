import { distance } from 'fastest-levenshtein';

/** Above this a hostile or pasted text is no typing mistake, and the distance costs its square. */
const MAX_COMPARED_LENGTH = 100;

/**
 * The candidate that `text` was probably meant to be: the same but for case, `-` and `_`, or but for few typing
 * mistakes (a swap of neighbours, `prot`, is one).
 */
export function suggest(text: string, candidates: readonly string[]): string | undefined {
  if (text.length > MAX_COMPARED_LENGTH) return undefined;
  const plain = plainly(text);
  const ranked = candidates
    .map((candidate) => ({ candidate, mistakes: mistakesBetween(plain, plainly(candidate)) }))
    .sort((a, b) => a.mistakes - b.mistakes);
  const best = ranked[0];
  return best && best.mistakes <= allowedMistakes(text) ? best.candidate : undefined;
}

function mistakesBetween(text: string, candidate: string): number {
  const swapped = Array.from({ length: Math.max(0, text.length - 1) }, (_, index) => swapAt(text, index));
  return Math.min(distance(text, candidate), ...swapped.map((other) => distance(other, candidate) + 1));
}

function swapAt(text: string, index: number): string {
  return text.slice(0, index) + text.charAt(index + 1) + text.charAt(index) + text.slice(index + 2);
}

function plainly(text: string): string {
  return text.toLowerCase().replaceAll(/[-_. ]/g, '');
}

function allowedMistakes(text: string): number {
  return Math.min(3, Math.max(1, Math.floor(text.length / 3)));
}
