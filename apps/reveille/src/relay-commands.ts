import type { Command } from './command';
import { FILTER_USAGE, PUSHKEY_USAGE, RELAY_FLAGS_USAGE } from './relay-flags';

/**
 * The commands that work on the relay's Redis. Each is loaded when it is called: BullMQ and ioredis take some 20 MB, which a
 * supervisor that runs for months does not need.
 */
export const relayCommands: readonly Command[] = [
  {
    name: 'ledger',
    usage: `[--app APP] [--since TIME] ${RELAY_FLAGS_USAGE}`,
    summary: 'what became of every accepted push; exit code 1 if it does not add up',
    run: async (args, context) => (await import('./ledger-command')).runLedger(args, context),
  },
  {
    name: 'pause',
    usage: `APP [--reason TEXT] ${RELAY_FLAGS_USAGE}`,
    summary: 'stops sending an app\'s pushes until it is resumed; they are accepted and wait',
    run: async (args, context) => (await import('./pause-command')).runPause(args, context),
  },
  {
    name: 'resume',
    usage: `APP ${RELAY_FLAGS_USAGE}`,
    summary: 'lets a paused, parked or held app run again at once',
    run: async (args, context) => (await import('./resume-command')).runResume(args, context),
  },
  {
    name: 'drain',
    usage: `APP on|off ${RELAY_FLAGS_USAGE}`,
    summary: 'accepts nothing new for an app, so that its queue runs empty',
    run: async (args, context) => (await import('./drain-command')).runDrain(args, context),
  },
  {
    name: 'concurrency',
    usage: `APP N|default ${RELAY_FLAGS_USAGE}`,
    summary: 'how many pushes of an app are sent at once, for now',
    run: async (args, context) => (await import('./concurrency-command')).runConcurrency(args, context),
  },
  {
    name: 'storms',
    usage: `[list | release APP | discard APP] ${RELAY_FLAGS_USAGE}`,
    summary: 'rejections that are held back because suddenly there were too many',
    run: async (args, context) => (await import('./storms-command')).runStorms(args, context),
  },
  {
    name: 'failed',
    usage: `[list | causes | show ID] ${FILTER_USAGE} [--limit N] [--cursor C] ${RELAY_FLAGS_USAGE}`,
    summary: 'failed pushes: newest first, by cause, or one with its attempts',
    run: async (args, context) => (await import('./failed-command')).runFailed(args, context),
  },
  {
    name: 'replay',
    usage:
      `${FILTER_USAGE} [--ids ID,ID] [--all] [--preview] [--include-expired] [--rate N] [--no-wait] ${RELAY_FLAGS_USAGE}\n` +
      `   or: reveille replay list | show ID | pause ID | resume ID [--no-wait] | cancel ID ${RELAY_FLAGS_USAGE}`,
    summary: 'sends failed pushes again, each once',
    run: async (args, context) => (await import('./replay-command')).runReplay(args, context),
  },
  {
    name: 'rejections',
    usage: `show|forget --app APP_ID ${PUSHKEY_USAGE} ${RELAY_FLAGS_USAGE}`,
    summary: 'whether a device is known to be dead; forgets that',
    run: async (args, context) => (await import('./rejections-command')).runRejections(args, context),
  },
  {
    name: 'explain',
    usage: `--app APP --event EVENT_ID [${PUSHKEY_USAGE}] ${RELAY_FLAGS_USAGE}`,
    summary: 'why did this device not get its push?',
    run: async (args, context) => (await import('./explain-command')).runExplain(args, context),
  },
  {
    name: 'audit',
    usage: `[--limit N] ${RELAY_FLAGS_USAGE}`,
    summary: 'who did what, newest first',
    run: async (args, context) => (await import('./audit-command')).runAudit(args, context),
  },
];
