import fc from 'fast-check';

import { FILTER_NAMES } from '../failed/failed-filter';
import { linkTo, parseRoute } from './route';

const value = fc.string({ minLength: 1 }).filter((text) => text === text.trim());
const filter = fc.dictionary(fc.constantFrom(...FILTER_NAMES), value);

it('every link is read back as the page that it was made for, whatever the filter holds', () => {
  fc.assert(
    fc.property(filter, value, (given, id) => {
      const failed = { page: 'failed', filter: { ...given } } as const;
      expect(parseRoute(linkTo(failed))).toEqual(failed);
      expect(parseRoute(linkTo({ page: 'replay', id }))).toEqual({ page: 'replay', id });
    }),
  );
  for (const page of ['overview', 'replays', 'rejections', 'explain', 'audit'] as const) {
    expect(parseRoute(linkTo({ page }))).toEqual({ page });
  }
});

it('an address that names nothing is said to be missing, and none throws', () => {
  expect(parseRoute('#/somewhere?x=1')).toEqual({ page: 'missing', path: 'somewhere' });
  expect(parseRoute('')).toEqual({ page: 'overview' });
  expect(parseRoute('#/replays/%E0%A4%A')).toEqual({ page: 'replay', id: '%E0%A4%A' });
  fc.assert(fc.property(fc.string(), (hash) => void parseRoute(hash)));
});

it('a filter that the page does not know is not taken over', () => {
  expect(parseRoute('#/failed?app=a&pushkey=secret&reason=')).toEqual({ page: 'failed', filter: { app: 'a' } });
});
