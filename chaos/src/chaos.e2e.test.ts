import { readEnvironment } from '@reveille/config';

import { runScenario } from './run-scenario';
import { shortForm } from './scenarios/short-form';

/** The same every time, so that a failure can be repeated. */
const SEED = 1;
const PUSHES = 400;
/** Lock and check of the queue take 35 s; only a fault takes longer than that and the load. */
const TIMEOUT_MS = 240_000;

it(
  'loses nothing when roles and Redis die and the providers fail under load',
  async () => {
    const { findings, violations } = await runScenario(shortForm, { seed: SEED, pushes: PUSHES, environment: readEnvironment() });
    // Times are for the chaos run: here the machine may be busy with the rest of the tests.
    const broken = violations.filter(({ isTime }) => !isTime).map(({ text }) => text);
    expect({ broken, losses: findings.losses }).toEqual({ broken: [], losses: [] });
    expect(findings.acknowledged).toBeGreaterThanOrEqual(PUSHES * 0.9);
    expect(findings.delivered).toBeGreaterThan(findings.acknowledged * 0.9);
  },
  TIMEOUT_MS,
);
