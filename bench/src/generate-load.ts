import type { BenchProcess } from './bench-process';
import { loadResultSchema, type LoadRequest, type LoadResult } from './workers/load-protocol';

/** On top of a run's own length, in milliseconds: a stuck server must not hang the benchmark. */
const PATIENCE_MS = 60_000;

/** Runs the load generator once. @throws Error when a request was refused: figures of failures mean nothing. */
export async function generateLoad(generator: BenchProcess, request: LoadRequest): Promise<LoadResult> {
  const timeoutMs = (request.seconds ?? 0) * 1000 + PATIENCE_MS;
  const result = await generator.call(request, loadResultSchema, timeoutMs);
  if (result.refused > 0) throw new Error(`${result.refused} of ${result.acknowledged + result.refused} requests were refused`);
  return result;
}
