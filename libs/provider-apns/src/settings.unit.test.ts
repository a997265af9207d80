import { z } from 'zod';

import { apnsOrigin, apnsSettingsShape } from './settings';

const schema = z.strictObject(apnsSettingsShape);
const sygnal = { type: 'apns', keyfile: 'key.p8', key_id: 'K', team_id: 'T', topic: 'com.example.app' };

test('an app of sygnal as it is; defaults for the rest', () => {
  expect(schema.parse(sygnal)).toEqual({
    ...sygnal,
    platform: 'production',
    convert_device_token_to_hex: true,
    send_badge_counts: true,
  });
  const others = { certfile: 'c.pem', platform: 'sandbox', push_type: 'voip', convert_device_token_to_hex: false };
  const all = { ...sygnal, ...others };
  expect(schema.parse(all)).toMatchObject(all);
});

test.each([
  ['platform', 'test'],
  ['push_type', 'loud'],
  ['topic', 'com.example\r\napp'],
  ['topic', ''],
  ['keyfile', ''],
  ['convert_device_token_to_hex', 'no'],
  ['url', 'http://localhost:2197'],
  ['url', 'https://localhost:2197/3/device'],
  ['url', 'https://user:secret@localhost'],
  ['url', 'localhost:2197'],
])('%s: %j is refused, by its key', (key, value) => {
  const { error } = schema.safeParse({ ...sygnal, [key]: value });
  expect(error?.issues.map(({ path }) => path)).toEqual([[key]]);
});

test.each([
  [{}, 'https://api.push.apple.com:443'],
  [{ platform: 'prod' }, 'https://api.push.apple.com:443'],
  [{ platform: 'sandbox' }, 'https://api.sandbox.push.apple.com:443'],
  [{ platform: 'sandbox', url: 'https://localhost:2197' }, 'https://localhost:2197'],
  [{ url: 'https://push.example/' }, 'https://push.example:443'],
  [{ url: 'https://[::1]:2197' }, 'https://[::1]:2197'],
])('%j goes to %s', (settings, origin) => {
  expect(apnsOrigin(schema.parse({ ...sygnal, ...settings }))).toBe(origin);
});

test.each(Object.entries(apnsSettingsShape))('%s has a default or an example for who gets it wrong', (key, setting) => {
  const example: unknown = setting.meta()?.example ?? setting.safeParse(undefined).data;
  // `type` alone has neither: its one word is in every message.
  if (key === 'type') return;
  expect(setting.safeParse(example).data).toBe(example);
  expect(example).toBeDefined();
});
