import { describeFilter, tidyFilter, toReplayFilter } from './failed-filter';

const NOW = new Date('2026-11-23T12:00:00Z');

it('keeps apart the pushes to which the provider said nothing', () => {
  expect(toReplayFilter({ provider_status: 'none', provider_reason: 'none' }, NOW)).toEqual({ provider_status: null, provider_reason: 'none' });
});

it('a replay gets numbers as numbers, and times that do not move', () => {
  const filter = toReplayFilter({ app: ' a ', outcome: 'dead', provider_status: '413', attempts_min: '2', since: '2h', room_id: '' }, NOW);
  expect(filter).toEqual({ app: 'a', outcome: 'dead', provider_status: 413, attempts_min: 2, since: '2026-11-23T10:00:00.000Z' });
});

it('equal filters are written equally, for the address and for people', () => {
  const [one, other] = [tidyFilter({ reason: 'x', app: 'a' }), tidyFilter({ app: 'a', reason: 'x ', until: '' })];
  expect(JSON.stringify(one)).toBe(JSON.stringify(other));
  expect(describeFilter(one)).toBe('app a, reason x');
  expect(describeFilter({})).toBe('everything');
});
