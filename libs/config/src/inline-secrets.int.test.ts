import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory, type TemporaryDirectory } from '@reveille/testing';
import { inlineSecretModes } from './inline-secrets';

let directory: TemporaryDirectory;
beforeAll(async () => {
  directory = await temporaryDirectory();
});
afterAll(() => directory.remove());

const SECRETS = {
  redis: { url: 'redis://user:pass@host:6379', password: 'p', sentinel_password: 's' },
  privacy: { hash_key: 'h', sealing_keys: ['a', 'b'] },
  admin: { tokens: [{ name: 'n', role: 'viewer', token: 't' }, { name: 'm', role: 'viewer', token_file: 'file' }] },
};

function warned(mode: number, value: Readonly<Record<string, unknown>> = SECRETS): readonly string[] {
  const file = join(directory.path, `${String(mode)}.yaml`);
  writeFileSync(file, 'x');
  chmodSync(file, mode);
  return inlineSecretModes(file, value).map(({ problem }) => `${problem.path} ${problem.message}`);
}

it('names every secret in a file that others may read, and none of what they are', () => {
  const about = 'is a secret, and this file may be read by others (mode 644)';
  const places = ['redis.url', 'redis.password', 'redis.sentinel_password', 'privacy.hash_key', 'privacy.sealing_keys.0', 'privacy.sealing_keys.1', 'admin.tokens.0.token'];
  expect(warned(0o644).map((text) => text.replace(/\[(\d)\]/g, '.$1'))).toEqual(places.map((place) => `${place} ${about}`));
  expect(JSON.stringify(inlineSecretModes(join(directory.path, '420.yaml'), SECRETS))).not.toContain('pass@');
});

it('says so when others may change it', () => {
  expect(warned(0o602, { privacy: { hash_key: 'h' } })).toEqual(['privacy.hash_key is a secret, and this file may be changed by others (mode 602)']);
});

it('says nothing of a file of its owner alone, nor of one without secrets', () => {
  expect(warned(0o600)).toEqual([]);
  expect(warned(0o644, { redis: { url: 'redis://127.0.0.1:6379' }, admin: { users: [{ name: 'a' }] }, privacy: null, apps: {} })).toEqual([]);
});
