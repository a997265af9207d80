import type { Command } from './command';

/** Loaded when it is called: a supervisor needs no calculator. */
export const capacityCommand: Command = {
  name: 'capacity',
  usage:
    '--rate N [--latency MS] [--devices N] [--dead PERCENT] [--fcm-share PERCENT] [--fcm-projects N] [--apps N] [--outage MINUTES] ' +
    '[--utilisation PERCENT] [--spare N] [--redis-memory GB] [--dedupe-window TIME] [--explain-pushes N] [--json]',
  summary: 'how many processes, connections, Redis masters, cores and bytes a rate of pushes needs; asks nothing and nobody',
  run: async (args, context) => (await import('./run-capacity')).runCapacity(args, context),
};
