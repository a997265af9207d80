import type { ChaosRedis } from '../chaos-redis';
import { runScenario, type RunOptions, type ScenarioResult } from '../run-scenario';
import type { Scenario } from '../scenario';
import { clockScenarios } from './clock-scenarios';
import { combinedScenarios } from './combined-scenarios';
import { clusterScenarios, sentinelScenarios } from './failover-scenarios';
import { processScenarios } from './process-scenarios';
import { providerScenarios } from './provider-scenarios';
import { redisScenarios } from './redis-scenarios';

/** A scenario whatever its Redis. */
export interface RunnableScenario {
  readonly name: string;
  readonly summary: string;
  readonly run: (options: RunOptions) => Promise<ScenarioResult>;
}

/** Every scenario, in the order of the report. */
export const ALL_SCENARIOS: readonly RunnableScenario[] = [
  ...runnable(processScenarios),
  ...runnable(redisScenarios),
  ...runnable(sentinelScenarios),
  ...runnable(clusterScenarios),
  ...runnable(providerScenarios),
  ...runnable(clockScenarios),
  ...runnable(combinedScenarios),
];

function runnable<R extends ChaosRedis>(scenarios: readonly Scenario<R>[]): RunnableScenario[] {
  return scenarios.map((scenario) => ({
    name: scenario.name,
    summary: scenario.summary,
    run: (options) => runScenario(scenario, options),
  }));
}
