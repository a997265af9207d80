import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One request that a real Synapse 1.141 sent. */
export interface SynapseFixture {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The exact bytes, as text: send it as it is. */
  readonly body: string;
}

/** The twelve recorded requests, in the order in which they were sent. */
export function synapseFixtures(): SynapseFixture[] {
  const lines = readFileSync(join(__dirname, '../fixtures/synapse-notify.jsonl'), 'utf8').split('\n');
  // The file is ours and committed; its shape is checked by a test, so the cast is safe.
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as SynapseFixture);
}
