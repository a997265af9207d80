import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readConfiguration } from './read-configuration';

const folder = mkdtempSync(join(tmpdir(), 'reveille-simulator-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(text: string) {
  writeFileSync(join(folder, 'relay.yaml'), text);
  return readConfiguration({ file: 'relay.yaml', environment: {}, cwd: folder });
}

const IOS = '{ type: apns, keyfile: none.p8, key_id: KEY, team_id: TEAM, topic: com.example.ios';

test('topics, ids and project of the apps, and the ports of their local addresses', () => {
  const text = `
redis: { url: 'redis://127.0.0.1:6379' }
apps:
  com.example.ios: ${IOS}, url: 'https://localhost:2197' }
  com.example.voip: { type: apns, keyfile: none.p8, key_id: KEY, team_id: TEAM, topic: com.example.ios.voip }
  com.example.android:
    { type: fcm, project_id: mine, url: 'https://127.0.0.1:2198', token_url: 'https://localhost:2199/token' }
`;
  expect(read(text)).toEqual({
    ok: true,
    options: {
      topics: ['com.example.ios', 'com.example.ios.voip'],
      keyId: 'KEY',
      teamId: 'TEAM',
      apnsPort: 2197,
      projectId: 'mine',
      fcmPort: 2198,
      tokenPort: 2199,
    },
  });
});

test.each([
  ['an app of FCM by its other name', '{ type: gcm, project_id: mine }', { projectId: 'mine' }],
  ['a certificate that names the topic', '{ type: apns, certfile: c.pem }', {}],
  ['another machine', '{ type: apns, topic: t, url: "https://push.example:2197" }', { topics: ['t'] }],
  ['the usual port', '{ type: fcm, url: "https://localhost" }', { fcmPort: 443 }],
  ['a service that is not simulated', '{ type: webpush, topic: t, url: "https://localhost:1" }', {}],
])('%s', (_name, app, options) => {
  expect(read(`apps: { com.example: ${app} }`)).toEqual({ ok: true, options });
});

test('any topic when one of the apps has its own from a certificate', () => {
  const text = `apps: { one: ${IOS} }, two: { type: apns, certfile: c.pem } }`;
  expect(read(text)).toEqual({ ok: true, options: { keyId: 'KEY', teamId: 'TEAM' } });
});

test('every problem, with what is right', () => {
  const refused = read('apps: { a: { type: apns, topic: 5, url: localhost } }\nhttpp: {}');
  expect(refused.ok).toBe(false);
  const problems = refused.ok ? '' : refused.problems;
  expect(problems).toContain('relay.yaml: 3 problems');
  expect(problems).toMatch(/apps\.a\.topic .*must be text.*\n.*found: 5\n.*example: topic: com\.example\.app/);
  expect(problems).toMatch(/apps\.a\.url .*must be a URL\n.*found: "localhost"\n.*example: url: https:\/\/localhost:2197/);
  expect(problems).toContain('did you mean http?');
});

test('a file that is not there', () => {
  const missing = readConfiguration({ file: 'none.yaml', environment: {}, cwd: folder });
  expect(missing).toEqual({ ok: false, problems: expect.stringContaining('does not exist') as string });
});
