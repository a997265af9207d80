import { createDispatcherMetrics, createLogger } from '@reveille/observability';
import { Writable } from 'node:stream';
import { processUnreadable, type UnreadableDeps } from './process-unreadable';

const NOW = 1_795_333_200_000;
const APP = 'com.example.ios';
const envelope = { kind: 'event', acceptedAt: NOW - 500, deadline: NOW + 1, deviceHash: 'device-hash' } as const;

/** The functions that start-dispatcher.ts would wire; `parks`: whether this call is the one that parks the app. */
function wire(parks = true) {
  const parked: string[] = [];
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const metrics = createDispatcherMetrics({ apps: [APP], processMetrics: false });
  const deps: UnreadableDeps = {
    appKey: APP,
    gate: {
      park: (reason) => {
        parked.push(reason);
        return Promise.resolve(parks);
      },
    },
    metrics,
    logger: createLogger({ role: 'dispatcher', level: 'trace', format: 'json', stream }),
    now: () => NOW,
  };
  return { deps, parked, lines, metrics };
}

/** One such end among the metrics, whatever the order of the labels. */
const ended = (outcome: string, reason: string): RegExp =>
  new RegExp(`outcomes_total{(?=[^}]*outcome="${outcome}")(?=[^}]*reason="${reason}")[^}]*} 1\\n`);

it('parks the app for a key that it lacks: nothing is burnt', async () => {
  const { deps, parked, lines } = wire();
  expect(await processUnreadable({ reason: 'sealing-key-unknown', envelope }, deps)).toEqual({ kind: 'put-back' });
  expect(parked).toEqual(['sealing-key-unknown']);
  expect(lines).toEqual([expect.stringContaining('privacy.sealing_keys')]);
});

it('says so once', async () => {
  const { deps, lines } = wire(false);
  expect(await processUnreadable({ reason: 'sealing-key-unknown', envelope }, deps)).toEqual({ kind: 'put-back' });
  expect(lines).toEqual([]);
});

it('lets a push expire whose key does not come back', async () => {
  const { deps, parked, metrics } = wire();
  const late = { ...envelope, deadline: NOW };
  expect(await processUnreadable({ reason: 'sealing-key-unknown', envelope: late }, deps)).toEqual({
    kind: 'dead',
    letter: { outcome: 'expired', reason: 'deadline' },
  });
  expect(parked).toEqual([]);
  expect(await metrics.registry.metrics()).toMatch(ended('expired', 'deadline'));
});

it.each(['tampered', 'not-sealed', 'unreadable'] as const)('%s is a dead letter', async (reason) => {
  const { deps, parked, metrics } = wire();
  expect(await processUnreadable({ reason }, deps)).toEqual({ kind: 'dead', letter: { outcome: 'dead', reason } });
  expect(parked).toEqual([]);
  expect(await metrics.registry.metrics()).toMatch(ended('dead', reason));
});
