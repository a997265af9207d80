import type { Command } from './command';
import { RELAY_FLAGS_USAGE } from './relay-flags';

/**
 * The commands that work on the relay's Redis. Each is loaded when it is called: BullMQ and ioredis take some 20 MB, which a
 * supervisor that runs for months does not need.
 */
export const relayCommands: readonly Command[] = [
  {
    name: 'resume',
    usage: `APP ${RELAY_FLAGS_USAGE}`,
    summary: 'lets a parked or held app run again at once',
    run: async (args, context) => (await import('./resume-command')).runResume(args, context),
  },
];
