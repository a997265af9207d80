import { createPrivateKey, generateKeyPairSync } from 'node:crypto';

import { z } from 'zod';

import { loadApnsCredentials } from './credentials';
import { apnsSettingsShape, type ApnsSettings } from './settings';
import { makeCertificate, makeRsaKey, makeSigningKey } from './test-credentials';

const NOW = Date.UTC(2026, 8, 1);
const signingKey = makeSigningKey();
const rsa = makeRsaKey();
const certificate = makeCertificate(rsa, { notAfter: new Date(NOW + 86_400_000), topic: 'com.example.cert' });
const withoutTopic = makeCertificate(rsa, { notAfter: new Date(NOW + 86_400_000) });
const expired = makeCertificate(rsa, { notAfter: new Date(NOW - 1000) });
const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

const files = new Map(
  Object.entries({
    'key.p8': signingKey,
    'sec1.pem': createPrivateKey(signingKey).export({ type: 'sec1', format: 'pem' }).toString(),
    'rsa.pem': rsa.privateKey,
    'p384.pem': makeSigningKey('P-384'),
    'ed25519.pem': generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    'public.pem': rsa.publicKey,
    'encrypted.pem': makeRsaKey('secret').privateKey,
    'malformed.p8': signingKey.replace(/[A-Za-z0-9]{20}/, '!'),
    'empty.p8': '',
    'cert.pem': certificate + rsa.privateKey,
    'key-first.pem': rsa.privateKey + certificate,
    'chain.pem': certificate + rsa.privateKey + withoutTopic,
    'cert-without-topic.pem': withoutTopic + rsa.privateKey,
    'cert-only.pem': certificate,
    'cert-expired.pem': expired + rsa.privateKey,
    'cert-other-key.pem': certificate + makeRsaKey().privateKey,
    'cert-encrypted.pem': certificate + makeRsaKey('secret').privateKey,
    'cert-broken.pem': broken + rsa.privateKey,
    'ca.pem': withoutTopic + certificate,
    'ca-broken.pem': withoutTopic + broken,
  }),
);

function readFile(path: string): string {
  const text = files.get(path);
  if (text === undefined) throw Object.assign(new Error(`ENOENT: no such file, open '${path}'`), { code: 'ENOENT' });
  return text;
}

function load(settings: Partial<ApnsSettings>) {
  return loadApnsCredentials(z.object(apnsSettingsShape).parse({ type: 'apns', ...settings }), readFile, () => NOW);
}

const ids = { key_id: 'KEY', team_id: 'TEAM', topic: 'com.example.app' };

test('a signing key', () => {
  const identity = { kind: 'signing-key', privateKey: signingKey, keyId: 'KEY', teamId: 'TEAM' };
  const expected = { credentials: { identity, topic: 'com.example.app' }, problems: [] };
  expect(load({ ...ids, keyfile: 'key.p8' })).toEqual(expected);
  // SEC 1 (BEGIN EC PRIVATE KEY) is the same key in another form.
  expect(load({ ...ids, keyfile: 'sec1.pem' })).toEqual(expected);
});

test('a certificate, with its topic or ours, and its chain', () => {
  const identity = { kind: 'certificate', cert: certificate.trim(), key: rsa.privateKey, expiresAt: NOW + 86_400_000 };
  const loaded = load({ certfile: 'cert.pem' });
  const cert = loaded.credentials?.identity.kind === 'certificate' ? loaded.credentials.identity.cert : '';
  expect(loaded).toEqual({ credentials: { identity: { ...identity, cert }, topic: 'com.example.cert' }, problems: [] });
  expect(cert.replaceAll('\r', '')).toBe(certificate.replaceAll('\r', '').trim());
  expect(load({ certfile: 'key-first.pem' })).toEqual(loaded);
  expect(load({ certfile: 'cert.pem', topic: 'com.example.app' }).credentials?.topic).toBe('com.example.app');
  const chain = load({ certfile: 'chain.pem' }).credentials?.identity;
  expect(chain?.kind === 'certificate' && chain.cert.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
});

test('authorities to trust', () => {
  const { credentials } = load({ ...ids, keyfile: 'key.p8', ca_file: 'ca.pem' });
  expect(credentials?.ca?.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
});

test.each<[Partial<ApnsSettings>, string, RegExp]>([
  [ids, 'keyfile', /is missing, and certfile too/],
  [{ ...ids, keyfile: 'key.p8', certfile: 'cert.pem' }, 'certfile', /only one/],
  [{ ...ids, keyfile: 'none.p8' }, 'keyfile', /cannot be read \(ENOENT\)/],
  [{ ...ids, keyfile: 'rsa.pem' }, 'keyfile', /type rsa, but.*P-256/],
  [{ ...ids, keyfile: 'p384.pem' }, 'keyfile', /type ec on secp384r1, but.*P-256/],
  [{ ...ids, keyfile: 'ed25519.pem' }, 'keyfile', /type ed25519, but.*P-256/],
  [{ ...ids, keyfile: 'public.pem' }, 'keyfile', /no PEM private key/],
  [{ ...ids, keyfile: 'cert-only.pem' }, 'keyfile', /no PEM private key/],
  [{ ...ids, keyfile: 'empty.p8' }, 'keyfile', /no PEM private key/],
  [{ ...ids, keyfile: 'malformed.p8' }, 'keyfile', /malformed/],
  [{ ...ids, keyfile: 'encrypted.pem' }, 'keyfile', /encrypted/],
  [{ ...ids, keyfile: 'key.p8', ca_file: 'none.pem' }, 'ca_file', /cannot be read/],
  [{ ...ids, keyfile: 'key.p8', ca_file: 'key.p8' }, 'ca_file', /no readable PEM certificate/],
  [{ ...ids, keyfile: 'key.p8', ca_file: 'ca-broken.pem' }, 'ca_file', /no readable PEM certificate/],
  [{ certfile: 'none.pem' }, 'certfile', /cannot be read/],
  [{ certfile: 'rsa.pem' }, 'certfile', /no readable PEM certificate/],
  [{ certfile: 'cert-broken.pem' }, 'certfile', /no readable PEM certificate/],
  [{ certfile: 'cert-only.pem' }, 'certfile', /no PEM private key/],
  [{ certfile: 'cert-encrypted.pem' }, 'certfile', /encrypted/],
  [{ certfile: 'cert-other-key.pem' }, 'certfile', /does not belong/],
  [{ certfile: 'cert-expired.pem', topic: 't' }, 'certfile', /expired on 2026-08-31T23:59:59.000Z/],
  [{ certfile: 'cert-without-topic.pem' }, 'topic', /names no bundle id/],
])('%j: %s %s', (settings, key, message) => {
  const { credentials, problems } = load(settings);
  expect(credentials).toBeUndefined();
  expect(problems.map(({ path }) => path)).toEqual([[key]]);
  expect(problems[0]?.message).toMatch(message);
  // As it would stand in the file.
  expect(problems[0]?.example).toMatch(new RegExp(`^${key}: [\\w.-]+$`));
});

test('every problem at once, and nothing of a file in any', () => {
  const { credentials, problems } = load({ keyfile: 'malformed.p8', ca_file: 'key.p8' });
  expect(credentials).toBeUndefined();
  expect(problems.map(({ path }) => path)).toEqual([['key_id'], ['team_id'], ['keyfile'], ['topic'], ['ca_file']]);
  const secret = signingKey.split('\n')[1]?.slice(30) ?? '';
  expect(secret).not.toBe('');
  expect(JSON.stringify(problems)).not.toContain(secret);
});
