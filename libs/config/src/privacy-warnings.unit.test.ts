import { privacyWarnings } from './privacy-warnings';

const paths = (privacy: unknown): string[] => privacyWarnings({ privacy }).map(({ problem }) => problem.path);

it.each([
  [undefined, []],
  ['text', []],
  [{}, []],
  [{ sealing_keys: ['k'] }, ['privacy.hash_key']],
  [{ sealing_keys: ['k'], hash_key: 'h', require_sealed: true }, []],
  [{ require_sealed: false }, []],
  [{ require_sealed: true }, ['privacy.require_sealed']],
])('of %j: %j', (privacy, expected) => {
  expect(paths(privacy)).toEqual(expected);
});
