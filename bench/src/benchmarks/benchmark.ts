import type { Environment } from '@reveille/config';
import type { Row } from '../row';

/** One entry of the report: what `--only` names. A new row of the issue is a new one of these, or a figure of one. */
export interface Benchmark {
  readonly name: string;
  /** One line, for the progress. */
  readonly summary: string;
  readonly run: (context: BenchContext) => Promise<readonly Row[]>;
}

export interface BenchContext {
  /** Length of one measurement. */
  readonly seconds: number;
  readonly rounds: number;
  readonly environment: Environment;
  readonly profile: string | undefined;
  /** Tells how far it is. */
  readonly progress: (line: string) => void;
}

/** By then Node has compiled what is hot, on a busy machine too: a time would not tell. */
const WARM_UP_COUNT = 12_000;

/** How many requests or pushes go before each measurement; fewer in a run of less than a second. */
export function warmUpCount({ seconds }: BenchContext): number {
  return Math.ceil(WARM_UP_COUNT * Math.min(1, seconds));
}

/** Runs `round` as often as asked, one after another. */
export async function inRounds<T>({ rounds, progress }: BenchContext, round: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let number = 1; number <= rounds; number += 1) {
    progress(`round ${number} of ${rounds}`);
    results.push(await round());
  }
  return results;
}

export function delay(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
