import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createLogger } from '@reveille/observability';
import type { Logger } from '@reveille/observability';

import { EXIT_FAILED, UsageError } from './command';
import type { Command, CommandContext } from './command';
import { demoBanner } from './demo-banner';
import { demoConfiguration } from './demo-configuration';
import { chooseDemoPorts } from './demo-ports';
import type { DemoPorts } from './demo-ports';
import { endWithSignals, untilTheEnd } from './end-with-signals';
import type { SimulatorFacts } from './ready-message';
import { RoleProcess } from './role-process';
import { startRelay } from './start-relay';
import { Supervisor } from './supervisor';
import type { Supervised } from './supervisor';
import { DEMO_DATA_DIRECTORY, REDIS_CACHE_DIRECTORY, roleScript } from './workspace-paths';

/** An APNs device token; Apple says only that its length may change. */
const DEVICE_TOKEN_BYTES = 32;
const SIMULATOR_STOP_TIMEOUT_MS = 5_000;

/** What `npm start` runs: the whole relay with simulated push services, nothing to configure. */
export const demoCommand: Command = {
  name: 'demo',
  usage: '',
  summary: 'the whole relay with simulated push services, nothing to configure (npm start)',
  run: async (args, context) => {
    if (args.length > 0) throw new UsageError('demo takes no arguments');
    const logger = createLogger({ role: 'reveille', level: 'info', format: 'auto' });
    const supervisor = new Supervisor();
    endWithSignals(supervisor, logger);
    const exitCode = await runDemo(supervisor, logger, context);
    if (exitCode === undefined) return untilTheEnd();
    await supervisor.stop();
    return exitCode;
  },
};

/** The exit code if it could not be started. */
async function runDemo(supervisor: Supervisor, logger: Logger, context: CommandContext): Promise<number | undefined> {
  const demoPorts = await chooseDemoPorts();
  const directory = supervisor.add(new TemporaryFolder());
  const simulator = await startSimulator({ supervisor, logger, context, demoPorts, directory: directory.path });
  if (!simulator) return EXIT_FAILED;
  const configFile = join(directory.path, 'reveille.yaml');
  writeFileSync(configFile, demoConfiguration(simulator, demoPorts, DEMO_DATA_DIRECTORY), { mode: 0o600 });
  // New at every start: rejections outlive the demonstration, and the first answer shall be an empty one each time.
  const deadToken = randomBytes(DEVICE_TOKEN_BYTES);
  await declareDead(simulator, deadToken.toString('hex'));
  const relay = await startRelay({
    configFile,
    ...context,
    redisCacheDirectory: REDIS_CACHE_DIRECTORY,
    roleScript,
    supervisor,
    logger,
  });
  if (!relay.ok) return relay.exitCode;
  context.print(
    demoBanner({
      relay,
      simulator,
      configFile,
      livePushkey: randomBytes(DEVICE_TOKEN_BYTES).toString('base64'),
      deadPushkey: deadToken.toString('base64'),
      takenPorts: demoPorts.taken,
    }),
  );
  return undefined;
}

interface SimulatorStart {
  readonly supervisor: Supervisor;
  readonly logger: Logger;
  readonly context: CommandContext;
  readonly demoPorts: DemoPorts;
  readonly directory: string;
}

async function startSimulator({ supervisor, logger, context, demoPorts, directory }: SimulatorStart): Promise<SimulatorFacts | undefined> {
  const { ports } = demoPorts;
  const flags = { '--apns-port': ports.apns, '--fcm-port': ports.fcm, '--token-port': ports.token, '--control-port': ports.control };
  const role = new RoleProcess({
    name: 'simulator',
    script: roleScript('simulator'),
    args: ['--directory', directory, ...Object.entries(flags).flatMap(([flag, port]) => [flag, String(port)])],
    environment: context.environment,
    stopTimeoutMs: SIMULATOR_STOP_TIMEOUT_MS,
    logger,
  });
  const start = await supervisor.add(role).start();
  return start.ok ? start.ready.simulator : undefined;
}

/** From now on Apple's stand-in answers for this device what Apple does once the app has been deleted. */
async function declareDead({ controlUrl }: SimulatorFacts, deviceToken: string): Promise<void> {
  const answer = { status: 410, reason: 'Unregistered', timestamp: Date.now() };
  const response = await fetch(new URL('/commands', controlUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ provider: 'apns', pushkey: deviceToken, answer }),
  });
  if (!response.ok) throw new Error(`the simulator refused a command: ${response.status}`);
}

/** Throw-away keys and the generated configuration, gone with the command. */
class TemporaryFolder implements Supervised {
  readonly name = 'temporary folder';
  readonly path = mkdtempSync(join(tmpdir(), 'reveille-demo-'));

  stop(): Promise<void> {
    this.kill();
    return Promise.resolve();
  }

  kill(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
