import { pathToFileURL } from 'node:url';

import type { Command } from './command';
import { untilTheEnd } from './end-with-signals';
import { roleScript } from './workspace-paths';
import type { RoleName } from './workspace-paths';

/**
 * One role as this process. Its built main is loaded in place of ours instead of started as a child: signals, exit code
 * and standard streams are then the role's own, and a container does not hold a second Node (45 MB) that only passes them on.
 */
function roleCommand(role: RoleName, usage: string, summary: string): Command {
  return {
    name: role,
    usage,
    summary,
    run: async (args) => {
      const script = roleScript(role);
      process.argv = [process.execPath, script, ...args];
      await import(pathToFileURL(script).href);
      // From here on the process is the role's: it sets the exit code, and ends when it has nothing left to do.
      return untilTheEnd();
    },
  };
}

const ROLE_USAGE = '[--config FILE] [--http-port N] [--metrics-port N] [--redis-url URL]';
const SIMULATOR_USAGE =
  '[--config FILE] [--apns-port N] [--fcm-port N] [--token-port N] [--control-port N] [--directory DIR] [--latency MS]';

export const roleCommands: readonly Command[] = [
  roleCommand('ingress', ROLE_USAGE, 'answers homeservers and puts pushes into the queue'),
  roleCommand('dispatcher', '[--config FILE] [--metrics-port N] [--redis-url URL]', 'takes pushes from the queue to APNs and FCM'),
  roleCommand('admin', ROLE_USAGE, 'the page and the API for operators: queues, failed pushes, replays'),
  roleCommand('simulator', SIMULATOR_USAGE, 'stand-in for APNs and FCM'),
];
