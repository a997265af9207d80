import { VERSION } from '@reveille/observability';

import { capacityCommand } from './capacity-command';
import { checkConfigCommand } from './check-config-command';
import { EXIT_USAGE, UsageError } from './command';
import type { Command, CommandContext } from './command';
import { demoCommand } from './demo-command';
import { didYouMean } from './did-you-mean';
import { hashPasswordCommand } from './hash-password-command';
import { prepareRedisCommand } from './prepare-redis-command';
import { relayCommands } from './relay-commands';
import { roleCommands } from './role-commands';
import { serveCommand } from './serve-command';

const COMMANDS: readonly Command[] = [
  serveCommand,
  ...roleCommands,
  ...relayCommands,
  checkConfigCommand,
  capacityCommand,
  hashPasswordCommand,
  demoCommand,
  prepareRedisCommand,
];

const HELP_WORDS = ['--help', '-h', 'help'];
const VERSION_WORDS = ['--version', '-v', 'version'];

/** Runs `reveille ARGS` and resolves with the exit code: 0, 1 (it did not work, wrong configuration) or 2 (wrong use). */
export async function runCommandLine(args: readonly string[], context: CommandContext): Promise<number> {
  const [name = '', ...rest] = args;
  if (HELP_WORDS.includes(name)) return say(context, usage());
  if (VERSION_WORDS.includes(name)) return say(context, `reveille ${VERSION}\n`);
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (!command) return refuse(context, unknownCommand(name));
  if (HELP_WORDS.some((word) => rest.includes(word))) return say(context, `${usageOf(command)}\n\n${command.summary}\n`);
  return runCommand(command, rest, context);
}

async function runCommand(command: Command, args: readonly string[], context: CommandContext): Promise<number> {
  try {
    return await command.run(args, context);
  } catch (error) {
    if (error instanceof UsageError) return refuse(context, `${error.message}\nusage: ${usageOf(command)}\n`);
    throw error;
  }
}

function say(context: CommandContext, text: string): number {
  context.print(text);
  return 0;
}

function refuse(context: CommandContext, text: string): number {
  context.complain(`reveille: ${text}`);
  return EXIT_USAGE;
}

function unknownCommand(name: string): string {
  if (name === '') return `a command is missing\n\n${usage()}`;
  const hint = didYouMean(name, COMMANDS.map((command) => command.name));
  return `unknown command '${name}'${hint}\nAll commands: reveille --help\n`;
}

function usageOf({ name, usage: flags }: Command): string {
  return `reveille ${name} ${flags}`.trim();
}

function usage(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length)) + 2;
  return [
    'usage: reveille COMMAND [FLAGS]',
    '',
    ...COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`),
    '',
    'The configuration is --config FILE, else the file that REVEILLE_CONFIG names, else ./reveille.yaml.',
    'Ports may be given per process; 0 is any free one, printed at start.',
    '',
  ].join('\n');
}
