import { describeDetail } from './describe-detail';

it('says what an action was about in words', () => {
  const detail = { filter: { app: 'a', provider_status: 413, ids: null }, include_expired: false, rate: 100, reason: null };
  expect(describeDetail(detail)).toBe('filter (app a, provider status 413), include expired no, rate 100');
  expect(describeDetail({ filter: {} })).toBe('filter (none)');
});
