import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';
import { z } from 'zod';

import {
  commonAppShape,
  configSchema,
  configurationReference,
  formatProblems,
  loadConfig,
  looseAppSchema,
  readEnvironment,
  sectionsSchema,
  withGenerated,
} from './index';

const root = join(__dirname, '../../..');
const documentation = join(root, 'docs/configuration.md');
const exampleFile = join(root, 'reveille.example.yaml');

test('docs/configuration.md has the tables of the schema (UPDATE_DOCS=1 npm test writes them)', () => {
  const committed = readFileSync(documentation, 'utf8');
  const sections = configurationReference({ path: [], schema: sectionsSchema });
  const app = configurationReference({ path: ['apps', '<app id>'], schema: z.strictObject(commonAppShape) });
  const generated = withGenerated(withGenerated(committed, 'sections', sections), 'every app', app);
  if (readEnvironment().UPDATE_DOCS === '1') writeFileSync(documentation, generated);
  else expect(committed).toBe(generated);
});

test('reveille.example.yaml is right, and shows every default as it is', () => {
  const schema = configSchema(looseAppSchema);
  const loaded = loadConfig({ file: exampleFile, schema, environment: {}, cwd: root });
  expect(loaded.ok ? '' : formatProblems(loaded.file, loaded.problems)).toBe('');
  const { apps, ...shown } = z.looseObject({ apps: z.looseObject({}) }).parse(parse(readFileSync(exampleFile, 'utf8')));
  expect(Object.keys(apps)).not.toHaveLength(0);
  expect(sectionsSchema.parse(shown)).toEqual(sectionsSchema.parse({}));
});
