import type { BenchProcess } from './bench-process';
import { loadResultSchema, type LoadRequest, type LoadResult } from './workers/load-protocol';

/** On top of a run's own length: a stuck server must not hang the benchmark, a slow machine not end it. In ms. */
const PATIENCE_MS = 60_000;
const PATIENCE_PER_REQUEST_MS = 10;

/** Runs the load generator once. @throws Error when a request was refused: figures of failures mean nothing. */
export async function generateLoad(generator: BenchProcess, request: LoadRequest): Promise<LoadResult> {
  const { seconds = 0, count = 0 } = request;
  const timeoutMs = seconds * 1000 + count * PATIENCE_PER_REQUEST_MS + PATIENCE_MS;
  const result = await generator.call(request, loadResultSchema, timeoutMs);
  const refusals = Object.entries(result.refused).map(([status, count]) => `${count} with ${status}`);
  if (refusals.length > 0) throw new Error(`refused: ${refusals.join(', ')}; ${result.acknowledged} were not`);
  return result;
}
