import { configurationReference, readEnvironment, undescribedKeys, withGenerated } from '@reveille/config';
import { apnsSettingsShape } from '@reveille/provider-apns';
import { fcmSettingsShape } from '@reveille/provider-fcm';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const DOCUMENT = join(__dirname, '../../../docs/configuration.md');

const providers = { apns: z.strictObject(apnsSettingsShape), fcm: z.strictObject(fcmSettingsShape) };

it.each(Object.entries(providers))('docs/configuration.md says of %s what the schema says (UPDATE_DOCS=1 writes it)', (name, schema) => {
  const document = readFileSync(DOCUMENT, 'utf8');
  const expected = withGenerated(document, name, configurationReference({ path: ['apps', '<app id>'], schema }));
  if (readEnvironment().UPDATE_DOCS === '1') writeFileSync(DOCUMENT, expected);
  else expect(document).toBe(expected);
});

it.each(Object.entries(providers))('every key of %s has a description', (_name, schema) => {
  expect(undescribedKeys(schema)).toEqual([]);
});
