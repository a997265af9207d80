import { parseArgs } from 'node:util';

import type { Environment } from '@reveille/config';

import { readConfiguration, type ReadConfiguration } from './read-configuration';
import type { Simulator, SimulatorOptions } from './simulator';
import { startSimulator } from './start-simulator';

/** What the supervisor gets over IPC once everything listens. */
export interface SimulatorReady {
  readonly type: 'ready';
  readonly simulator: Pick<
    Simulator,
    'apnsUrl' | 'fcmUrl' | 'tokenUrl' | 'controlUrl' | 'files' | 'apns' | 'projectId'
  >;
}

export interface RunSimulatorIo {
  readonly environment: Environment;
  /** Where a relative `--config` starts. */
  readonly cwd: string;
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  readonly ready: (message: SimulatorReady) => void;
  /** Resolves when it shall end. */
  readonly stopped: Promise<void>;
}

const NO_CONFIGURATION: ReadConfiguration = { ok: true, options: {} };
const EXIT_FAILED = 1;
const EXIT_WRONG_USE = 2;
const MAX_PORT = 65_535;
const MAX_LATENCY_MS = 600_000;

const USAGE = `usage: simulator [--config FILE] [--apns-port PORT] [--fcm-port PORT] [--token-port PORT]
                 [--control-port PORT] [--directory DIR] [--latency MS]
  FILE: a relay's configuration, for the topics, key and team id and project of its apps, and for the ports of their
  url and token_url on localhost; a flag wins
  ports on 127.0.0.1, 0 or absent: any free one; DIR: where the throw-away keys are written
`;

interface Arguments {
  /** `--config` */
  readonly configFile?: string;
  readonly options: SimulatorOptions;
}

/** Runs the simulator until `io.stopped`. Returns the exit code: 0, 1 (wrong file, cannot listen or write), 2 (wrong use). */
export async function runSimulator(args: readonly string[], io: RunSimulatorIo): Promise<number> {
  const parsed = parseArguments(args);
  if (typeof parsed === 'string') {
    io.writeError(`simulator: ${parsed}\n${USAGE}`);
    return EXIT_WRONG_USE;
  }
  const { configFile: file, options } = parsed;
  // Only a file that is asked for: REVEILLE_CONFIG speaks to the relay, which may have others to call.
  const configured = file === undefined ? NO_CONFIGURATION : readConfiguration({ file, ...io });
  if (!configured.ok) {
    io.writeError(configured.problems);
    return EXIT_FAILED;
  }
  let simulator: Simulator;
  try {
    simulator = await startSimulator({ ...configured.options, ...options });
  } catch (error) {
    io.writeError(`simulator: cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT_FAILED;
  }
  const { apnsUrl, fcmUrl, tokenUrl, controlUrl, files, apns, projectId } = simulator;
  io.write(
    `simulator: APNs on ${apnsUrl}\nsimulator: FCM on ${fcmUrl}\nsimulator: tokens on ${tokenUrl}\n` +
      `simulator: control on ${controlUrl}\nsimulator: authority in ${files.ca}\n` +
      `simulator: APNs takes key_id ${apns.keyId}, team_id ${apns.teamId}, topic ${apns.topic}, keyfile ${files.apnsKey}\n` +
      `simulator: FCM takes project_id ${projectId}, service_account_file ${files.serviceAccount}\n`,
  );
  io.ready({ type: 'ready', simulator: { apnsUrl, fcmUrl, tokenUrl, controlUrl, files, apns, projectId } });
  await io.stopped;
  await simulator.close();
  return 0;
}

/** A string: what is wrong with the arguments. */
function parseArguments(args: readonly string[]): Arguments | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        config: { type: 'string' },
        'apns-port': { type: 'string' },
        'fcm-port': { type: 'string' },
        'token-port': { type: 'string' },
        'control-port': { type: 'string' },
        directory: { type: 'string' },
        latency: { type: 'string' },
      },
    });
    return {
      ...(values.config !== undefined && { configFile: values.config }),
      options: {
        ...wholeNumber('apnsPort', '--apns-port', values['apns-port'], MAX_PORT),
        ...wholeNumber('fcmPort', '--fcm-port', values['fcm-port'], MAX_PORT),
        ...wholeNumber('tokenPort', '--token-port', values['token-port'], MAX_PORT),
        ...wholeNumber('controlPort', '--control-port', values['control-port'], MAX_PORT),
        ...wholeNumber('latencyMs', '--latency', values.latency, MAX_LATENCY_MS),
        ...(values.directory !== undefined && { directory: values.directory }),
      },
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Nothing when absent. @throws Error that names the flag, what was found and what is right. */
function wholeNumber(
  option: keyof SimulatorOptions,
  flag: string,
  value: string | undefined,
  max: number,
): SimulatorOptions {
  if (value === undefined) return {};
  if (!/^\d{1,6}$/.test(value) || Number(value) > max)
    throw new Error(`${flag}: '${value}' is not a whole number from 0 to ${max}`);
  return { [option]: Number(value) };
}
