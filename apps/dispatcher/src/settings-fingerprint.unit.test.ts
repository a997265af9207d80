import { appSchema } from './app-schema';
import { settingsFingerprint } from './settings-fingerprint';

const SETTINGS = { type: 'apns', keyfile: 'key.p8', key_id: 'K', team_id: 'T', topic: 'com.example.app' };
const of = (fields: object = {}, files = 'files') => settingsFingerprint(appSchema.parse({ ...SETTINGS, ...fields }), files);

it('is the same for the same settings, in whatever order and with whatever limits', () => {
  expect(of()).toMatch(/^[0-9a-f]{16}$/);
  expect(of({ concurrency: 7, max_age: { event: '1m' }, proxy: 'none' })).toBe(of());
  const turned = Object.fromEntries(Object.entries(SETTINGS).reverse());
  expect(settingsFingerprint(appSchema.parse(turned), 'files')).toBe(of());
});

it.each([
  ['topic', { topic: 'com.example.other' }],
  ['platform', { platform: 'sandbox' }],
  ['key', { key_id: 'L' }],
  ['address', { url: 'https://localhost:2197' }],
])('differs with another %s', (_name, fields) => {
  expect(of(fields)).not.toBe(of());
});

it('differs when the files hold something else', () => {
  expect(of({}, 'other')).not.toBe(of());
});
