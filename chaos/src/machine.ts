import { cpus, loadavg } from 'node:os';

/** Where the figures come from, without the name of the host. `redis`: its version. */
export function describeMachine(redis: string): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? 'unknown processor';
  const load = (loadavg()[0] ?? 0).toFixed(1);
  return `${processors.length} x ${model}, Node ${process.version}, Redis ${redis}, load before ${load}`;
}
