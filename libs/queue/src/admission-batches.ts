import { z } from 'zod';
import { VERDICTS } from './admission-script';
import { createTurnBatches } from './turn-batches';

export type Verdict = (typeof VERDICTS)[number];

/** Admissions of one request into one app's queue, encoded as the script takes them. */
export interface AdmissionGroup {
  readonly appKey: string;
  /** How many admissions. */
  readonly size: number;
  /** ADMISSION_ARGUMENTS for each. */
  readonly args: readonly (string | number)[];
}

/** Runs the admission script once for some admissions of one app. */
export type RunAdmissions = (appKey: string, args: readonly (string | number)[]) => Promise<unknown>;

/** Told after each batch how full the app's queue is: waiting jobs by their limit, from 0 on. */
export type OnFill = (appKey: string, fill: number) => void;

/** Admissions in one script run: Redis serves nobody else meanwhile, and 100 take it about 4 ms. */
export const BATCH = 100;

const replySchema = z.array(z.number().int());

interface Waiting {
  readonly group: AdmissionGroup;
  readonly resolve: (verdicts: readonly Verdict[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers the admissions of all requests that arrive in one turn of the event loop, and runs the script once for each app.
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
    run: (appKey, batch) => void runBatch(run, { appKey, batch, onFill }),
  });
  return (group) => new Promise((resolve, reject) => gather(group.appKey, { group, resolve, reject }));
}

interface Batch {
  readonly appKey: string;
  readonly batch: readonly Waiting[];
  readonly onFill: OnFill;
}

async function runBatch(run: RunAdmissions, { appKey, batch, onFill }: Batch): Promise<void> {
  try {
    const reply = replySchema.parse(await run(appKey, batch.flatMap(({ group }) => group.args)));
    onFill(appKey, (reply.pop() ?? 0) / 1000);
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
