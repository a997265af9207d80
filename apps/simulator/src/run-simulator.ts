import { parseArgs } from 'node:util';

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
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  readonly ready: (message: SimulatorReady) => void;
  /** Resolves when it shall end. */
  readonly stopped: Promise<void>;
}

const EXIT_FAILED = 1;
const EXIT_WRONG_USE = 2;
const MAX_PORT = 65_535;
const MAX_LATENCY_MS = 600_000;

const USAGE = `usage: simulator [--apns-port PORT] [--fcm-port PORT] [--token-port PORT] [--control-port PORT]
                 [--directory DIR] [--latency MS]
  ports on 127.0.0.1, 0 or absent: any free one; DIR: where the throw-away keys are written
`;

/** Runs the simulator until `io.stopped`. Returns the exit code: 0, 1 (cannot listen or write), 2 (wrong use). */
export async function runSimulator(args: readonly string[], io: RunSimulatorIo): Promise<number> {
  const options = parseOptions(args);
  if (typeof options === 'string') {
    io.writeError(`simulator: ${options}\n${USAGE}`);
    return EXIT_WRONG_USE;
  }
  let simulator: Simulator;
  try {
    simulator = await startSimulator(options);
  } catch (error) {
    io.writeError(`simulator: cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT_FAILED;
  }
  const { apnsUrl, fcmUrl, tokenUrl, controlUrl, files, apns, projectId } = simulator;
  io.write(
    `simulator: APNs on ${apnsUrl}\nsimulator: FCM on ${fcmUrl}\nsimulator: tokens on ${tokenUrl}\n` +
      `simulator: control on ${controlUrl}\nsimulator: authority in ${files.ca}\n`,
  );
  io.ready({ type: 'ready', simulator: { apnsUrl, fcmUrl, tokenUrl, controlUrl, files, apns, projectId } });
  await io.stopped;
  await simulator.close();
  return 0;
}

/** A string: what is wrong with the arguments. */
function parseOptions(args: readonly string[]): SimulatorOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        'apns-port': { type: 'string' },
        'fcm-port': { type: 'string' },
        'token-port': { type: 'string' },
        'control-port': { type: 'string' },
        directory: { type: 'string' },
        latency: { type: 'string' },
      },
    });
    return {
      apnsPort: wholeNumber('--apns-port', values['apns-port'], MAX_PORT),
      fcmPort: wholeNumber('--fcm-port', values['fcm-port'], MAX_PORT),
      tokenPort: wholeNumber('--token-port', values['token-port'], MAX_PORT),
      controlPort: wholeNumber('--control-port', values['control-port'], MAX_PORT),
      latencyMs: wholeNumber('--latency', values.latency, MAX_LATENCY_MS),
      ...(values.directory !== undefined && { directory: values.directory }),
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** 0 when absent. @throws Error that names the flag, what was found and what is right. */
function wholeNumber(flag: string, value: string | undefined, max: number): number {
  if (value === undefined) return 0;
  if (!/^\d{1,6}$/.test(value) || Number(value) > max)
    throw new Error(`${flag}: '${value}' is not a whole number from 0 to ${max}`);
  return Number(value);
}
