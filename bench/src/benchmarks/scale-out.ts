import { onStage } from '../bench-stage';
import { measureDispatchers, stockFor } from '../measure-pushes';
import { APNS_APP } from '../notify-bodies';
import { toRow } from '../row';
import { seedWaiting } from '../seed-waiting';
import { inRounds, type Benchmark } from './benchmark';

const LATENCY_MS = 60;
/** Of each dispatcher: so few that the latency is what bounds one of them. */
const IN_FLIGHT = 100;
const PER_DISPATCHER = (IN_FLIGHT * 1000) / LATENCY_MS;
const TO_REACH = 1.8;

/** Whether a second dispatcher doubles what one gets through. */
export const scaleOutBenchmark: Benchmark = {
  name: 'scale',
  summary: `two dispatchers against one, ${IN_FLIGHT} in flight each, provider latency ${LATENCY_MS} ms`,
  run: (context) =>
    onStage({ ...context, push: { latencyMs: LATENCY_MS, concurrency: IN_FLIGHT } }, async (stage) => {
      const measure = async (dispatchers: number) => {
        const wanted = stockFor({ perSecond: PER_DISPATCHER * dispatchers, inFlight: IN_FLIGHT * dispatchers, context });
        await seedWaiting(stage.redis, { appKey: APNS_APP, count: Math.max(0, wanted - (await stage.redis.waiting(APNS_APP))) });
        return measureDispatchers(stage, dispatchers, context);
      };
      const pairs = await inRounds(context, async () => ({ one: await measure(1), two: await measure(2) }));
      return [
        toRow({
          name: 'scale/two-dispatchers',
          unit: '/s',
          samples: pairs.map(({ one, two }) => ({ value: two.perSecond, limit: one.perSecond })),
          target: { figure: 'ratio', direction: 'at-least', than: TO_REACH },
        }),
        toRow({
          name: 'scale/cpu',
          unit: 'us/push',
          samples: pairs.map(({ one, two }) => ({ value: two.cpuUs.sender, limit: one.cpuUs.sender })),
        }),
        toRow({
          name: 'scale/redis-cpu',
          unit: 'us/push',
          samples: pairs.map(({ one, two }) => ({ value: two.cpuUs.redis, limit: one.cpuUs.redis })),
        }),
      ];
    }),
};
