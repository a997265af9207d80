import { z } from 'zod';

import { commonAppShape } from './app-schema';
import { configSchema } from './config-schema';
import { configurationReference, undescribedKeys, withGenerated } from './configuration-reference';
import { duration } from './duration';
import { leafPaths, variableName } from './environment-overrides';

const schema = z.strictObject({
  http: z
    .strictObject({
      wait: duration({ description: 'How long.' }).prefault('30s'),
      inner: z.strictObject({ 'a|b': z.string().meta({ description: 'Piped | text.', secret: true }) }),
    })
    .meta({ description: 'The section.' })
    .prefault({ inner: { 'a|b': '' } }),
  mode: z.enum(['x', 'y']).meta({ description: 'A choice.', example: 'y' }).optional(),
});

test('a section becomes a table of its keys', () => {
  expect(configurationReference({ path: [], schema })).toBe(`### http

The section.

| key | type | default | meaning | environment |
|---|---|---|---|---|
| \`http.wait\` | duration | \`30s\` | How long. | \`REVEILLE_HTTP__WAIT\` |
| \`http.inner.a\\|b\` | text, secret | required | Piped \\| text. | \`REVEILLE_HTTP__INNER__A\\|B\` |

### Single keys

| key | type | default | meaning | environment |
|---|---|---|---|---|
| \`mode\` | \`x\`, \`y\` |  | A choice. Example: \`y\`. | \`REVEILLE_MODE\` |
`);
});

test('the keys of an app become one table', () => {
  const text = configurationReference({ path: ['apps', '<app id>'], schema: z.strictObject(commonAppShape) });
  expect(text).toContain('| `concurrency` | number |');
  expect(text).toContain('`REVEILLE_APPS__<app id>__MAX_AGE__EVENT`');
});

test('every key of ours is described', () => {
  expect(undescribedKeys(configSchema(z.strictObject(commonAppShape)))).toEqual([]);
  expect(undescribedKeys(z.strictObject(commonAppShape))).toEqual([]);
  expect(undescribedKeys(z.strictObject({ a: z.strictObject({ b: z.string() }) }))).toEqual(['a.b']);
});

test('no two settings share a variable name with single underscores', () => {
  const names = leafPaths(configSchema(z.unknown()), []).map((path) => variableName(path).replaceAll('__', '_'));
  expect(new Set(names).size).toBe(names.length);
});

test('a generated block is replaced in place', () => {
  const document = 'before\n<!-- generated: x -->\nold\n<!-- /generated: x -->\nafter\n';
  const replaced = 'before\n<!-- generated: x -->\n\nnew\n\n<!-- /generated: x -->\nafter\n';
  expect(withGenerated(document, 'x', 'new\n')).toBe(replaced);
  expect(withGenerated(replaced, 'x', 'new')).toBe(replaced);
  expect(() => withGenerated(document, 'y', 'new')).toThrow(/no block/);
});
