import { z } from 'zod';
import { VERDICTS } from './admission-script';
import { createTurnBatches } from './turn-batches';

export type Verdict = (typeof VERDICTS)[number];

/** Admissions of one request into one queue, encoded as the script takes them. */
export interface AdmissionGroup {
  /** The queue key: see keyspace.ts. */
  readonly queue: string;
  /** How many admissions. */
  readonly size: number;
  /** ADMISSION_ARGUMENTS for each. */
  readonly args: readonly (string | number)[];
}

/** Runs the admission script once for some admissions into one queue. */
export type RunAdmissions = (queue: string, args: readonly (string | number)[]) => Promise<unknown>;

/** Told after each batch how full the queue is: waiting jobs by their limit, from 0 on. */
export type OnFill = (queue: string, fill: number) => void;

/** Admissions in one script run: Redis serves nobody else meanwhile, and 100 take it about 4 ms. */
export const BATCH = 100;

const replySchema = z.array(z.number().int());

interface Waiting {
  readonly group: AdmissionGroup;
  readonly resolve: (verdicts: readonly Verdict[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers the admissions of all requests that arrive in one turn of the event loop, and runs the script once for each queue.
 * Nobody waits for company: with one request under way a batch is one request. Measured at 64 connections: 20 to 35 % less
 * CPU in ingress and 40 to 55 % less in Redis for each acknowledgement than one run a request.
 *
 * A batch that fails fails all its requests; what of it was written is found as duplicates by their resends.
 */
export function createAdmissionBatches(
  run: RunAdmissions,
  onFill: OnFill,
): (group: AdmissionGroup) => Promise<readonly Verdict[]> {
  const gather = createTurnBatches<Waiting>({
    most: BATCH,
    sizeOf: ({ group }) => group.size,
    run: (queue, batch) => void runBatch(run, { queue, batch, onFill }),
  });
  return (group) => new Promise((resolve, reject) => gather(group.queue, { group, resolve, reject }));
}

interface Batch {
  readonly queue: string;
  readonly batch: readonly Waiting[];
  readonly onFill: OnFill;
}

async function runBatch(run: RunAdmissions, { queue, batch, onFill }: Batch): Promise<void> {
  try {
    const reply = replySchema.parse(await run(queue, batch.flatMap(({ group }) => group.args)));
    onFill(queue, (reply.pop() ?? 0) / 1000);
    let start = 0;
    for (const { group, resolve } of batch) {
      resolve(reply.slice(start, start + group.size).map(toVerdict));
      start += group.size;
    }
  } catch (error) {
    for (const { reject } of batch) reject(error);
  }
}

/** A number that we do not know is no acknowledgement. */
function toVerdict(number: number): Verdict {
  return VERDICTS[number] ?? 'queue-full';
}
