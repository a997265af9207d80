import { configSchema, formatProblems, loadConfig } from '@reveille/config';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { appSchema, checkApp } from './app-schema';

const cwd = mkdtempSync(join(tmpdir(), 'reveille-app-schema-'));
afterAll(() => {
  rmSync(cwd, { recursive: true });
});

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
writeFileSync(join(cwd, 'apns-key.p8'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
writeFileSync(join(cwd, 'garbage'), 'garbage', { mode: 0o600 });

const APNS = 'type: apns, keyfile: apns-key.p8, key_id: ABC1234567, team_id: TEAM123456, topic: x';
const FCM = 'type: fcm, service_account_file: garbage';

function problemsOf(app: string, environment: Readonly<Record<string, string>> = {}) {
  writeFileSync(join(cwd, 'reveille.yaml'), `apps: { a: { ${app} } }\n`);
  const loaded = loadConfig({ schema: configSchema(appSchema), checkApp, environment, cwd });
  return loaded.ok ? [] : loaded.problems;
}

it.each([
  [`${APNS}, ca_file: garbage, push_type: loud`, ['ca_file', 'push_type']],
  [`${APNS}, ca_file: garbage, url: 'ftp://x'`, ['ca_file', 'url']],
  [`${APNS}, ca_file: garbage, platfrom: sandbox`, ['ca_file', 'platfrom']],
  [`${APNS}, ca_file: garbage, max_age: { call: never }`, ['ca_file', 'max_age.call']],
  ['type: apns, keyfile: garbage, key_id: 5, team_id: T, topic: x', ['keyfile', 'key_id']],
  [`${FCM}, ca_file: garbage, url: http://x`, ['service_account_file', 'ca_file', 'url']],
  [`${FCM}, fcm_options: { androd: {} }`, ['service_account_file', 'fcm_options.androd']],
])('a wrong value hides no unreadable file: %s', (app, keys) => {
  expect(problemsOf(app).map(({ path }) => path)).toEqual(keys.map((key) => `apps.a.${key}`));
});

it('a misspelled field of fcm_options comes with what was meant', () => {
  const fcm = (options: string) => problemsOf(`type: fcm, project_id: p, fcm_options: ${options}`);
  expect(fcm('{ androd: {} }')).toMatchObject([{ path: 'apps.a.fcm_options.androd', suggestion: 'android' }]);
  expect(fcm('{ android: { colapse_key: x } }')).toMatchObject([{ suggestion: 'collapse_key' }]);
  expect(fcm('{ token: SENTINEL }')).toMatchObject([{ path: 'apps.a.fcm_options.token', found: '(hidden)' }]);
  expect(fcm('{ apns: { payload: { aps: { content-available: 1 } } } }')).toEqual([]);
});

it('every wrong value comes with one that is right', () => {
  const apns = problemsOf('type: apns, keyfile: apns-key.p8, key_id: 5, team_id: [], topic: 7, push_type: 8');
  expect(apns.map(({ example }) => example)).toEqual([
    'key_id: ABC1234567',
    'team_id: TEAM123456',
    'topic: com.example.app',
    'push_type: alert',
  ]);
  expect(problemsOf('type: 7')).toMatchObject([{ example: 'type: apns' }]);
});

it('what an app of the environment lacks is shown as its own variable', () => {
  const problems = problemsOf(APNS, { 'REVEILLE_APPS__b.c__TYPE': 'fcm' });
  expect(problems).toMatchObject([{ example: 'REVEILLE_APPS__b.c__PROJECT_ID=my-project' }]);
  expect(formatProblems(undefined, problems)).toContain('REVEILLE_APPS__b.c__TYPE (apps["b.c"].project_id)');
});
