import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';

/** Where the figures come from: they compare only with figures of the same machine in the same state. */
export interface Machine {
  readonly at: string;
  readonly os: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
  readonly redis: string;
  /** Load average over one minute before the start: well above 0 means that others were at work too. */
  readonly loadBefore: number;
  readonly seconds: number;
  readonly rounds: number;
}

export type RunFacts = Pick<Machine, 'redis' | 'seconds' | 'rounds'>;

const BYTES_PER_GB = 2 ** 30;

/** Describes this machine; call it before anything is measured. */
export function describeMachine(facts: RunFacts): Machine {
  const processors = cpus();
  return {
    at: new Date().toISOString(),
    os: `${type()} ${release()} ${arch()}`,
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGb: Math.round(totalmem() / BYTES_PER_GB),
    node: process.version,
    loadBefore: loadavg()[0] ?? 0,
    ...facts,
  };
}
