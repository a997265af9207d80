import fc from 'fast-check';
import { appKeyBase, appOfQueue, queueKey } from '../keyspace';
import { partitionOf, queueOfDevice } from './partition-of';

const DEVICES = Array.from({ length: 20_000 }, (_, index) => `device-${index}`);

it('with one partition there is only the first, which is the app itself', () => {
  expect(queueOfDevice('com.example', 'any', 1)).toBe('com.example');
});

it.each([2, 3, 7, 64])('spreads devices evenly over %i partitions', (partitions) => {
  const counts = Array.from({ length: partitions }, () => 0);
  for (const device of DEVICES) counts[partitionOf(device, partitions)] = (counts[partitionOf(device, partitions)] ?? 0) + 1;
  const fair = DEVICES.length / partitions;
  // Six standard deviations.
  for (const count of counts) expect(Math.abs(count - fair)).toBeLessThan(6 * Math.sqrt(fair));
});

it('one partition more takes its share of each of the others, and nothing else moves', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 63 }), (device, partitions) => {
      const [before, after] = [partitionOf(device, partitions), partitionOf(device, partitions + 1)];
      expect(after === before || after === partitions).toBe(true);
    }),
  );
});

it('no two queues share their keys, whatever the apps are called', () => {
  const app = fc.string({ unit: fc.constantFrom('a', '%', '/', ':', '{', '}', '1', '2', 'F', '5') });
  const place = fc.tuple(app, fc.integer({ min: 0, max: 63 }));
  fc.assert(
    fc.property(place, place, ([app1, partition1], [app2, partition2]) => {
      const [key1, key2] = [queueKey(app1, partition1), queueKey(app2, partition2)];
      const isSame = app1 === app2 && partition1 === partition2;
      expect(appKeyBase('p', key1) === appKeyBase('p', key2)).toBe(isSame);
      expect(appOfQueue(key1)).toBe(app1);
    }),
  );
});

it('the hash tag of a partition is the whole of its name', () => {
  expect(appKeyBase('reveille', queueKey('com.example', 3))).toBe('reveille:{com.example%/3}:');
});
