import { onStage } from '../bench-stage';
import { residentBytes } from '../process-usage';
import { toRow } from '../row';
import type { RoleName } from '../workspace-paths';
import { delay, type Benchmark } from './benchmark';

const ROLES: readonly RoleName[] = ['ingress', 'dispatcher', 'admin'];
const MEGABYTES_TO_REACH = 120;
const BYTES_PER_MB = 2 ** 20;
/** Until what starting left behind is done: modules are compiled, connections are open. Seconds. */
const SETTLE_SECONDS = 2;

/** Resident memory of each role, started and left alone, two apps configured. */
export const idleMemoryBenchmark: Benchmark = {
  name: 'idle',
  summary: 'resident memory of each role at rest',
  run: (context) =>
    onStage({ ...context, push: { latencyMs: 0, concurrency: 1 } }, async (stage) => {
      const running = await Promise.all(ROLES.map(async (role) => ({ role, ...(await stage.startRole(role)) })));
      await delay(Math.min(SETTLE_SECONDS, context.seconds));
      return running.map(({ role, process }) =>
        toRow({
          name: `idle/${role}`,
          unit: 'MB',
          samples: [{ value: residentBytes(process.pid) / BYTES_PER_MB }],
          target: { figure: 'value', direction: 'at-most', than: MEGABYTES_TO_REACH },
        }),
      );
    }),
};
