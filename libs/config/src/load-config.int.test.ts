import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';
import { stringify } from 'yaml';
import { z } from 'zod';

import { APP, configFolder, schema } from './config-folder.fixture';
import { appCheck, configSchema, formatProblems, loadConfig, looseAppSchema } from './index';
import type { Environment, Settings } from './index';
const { folder, write, settingsOf, problemsOf } = configFolder();

describe('where the file is', () => {
  test('--config wins over REVEILLE_CONFIG, and that over ./reveille.yaml', () => {
    write(APP);
    write(`http: { port: 1 }\n${APP}`, 'one.yaml');
    write(`http: { port: 2 }\n${APP}`, 'two.yaml');
    const portOf = (file: string | undefined, environment: Environment) => {
      const loaded = loadConfig({ file, schema, environment, cwd: folder() });
      return loaded.ok && loaded.settings.http.port;
    };
    expect(portOf('one.yaml', { REVEILLE_CONFIG: 'two.yaml' })).toBe(1);
    expect(portOf(undefined, { REVEILLE_CONFIG: 'two.yaml' })).toBe(2);
    expect(portOf(undefined, { REVEILLE_CONFIG: '' })).toBe(5000);
  });
  test('paths start at the folder of the file', () => {
    mkdirSync(join(folder(), 'etc'));
    write(APP, 'etc/r.yaml');
    const loaded = loadConfig({ file: 'etc/r.yaml', schema, environment: {}, cwd: folder() });
    const baseDirectory = join(folder(), 'etc');
    expect(loaded).toMatchObject({ ok: true, baseDirectory, file: join(baseDirectory, 'r.yaml') });
  });

  test('without a file the environment alone will do', () => {
    const environment = { 'REVEILLE_APPS__com.x__TYPE': 'fcm', 'REVEILLE_APPS__com.x__PROJECT_ID': '123' };
    const loaded = loadConfig({ schema, environment, cwd: folder() });
    expect(loaded).toMatchObject({ ok: true, settings: { apps: { 'com.x': { type: 'fcm', project_id: '123' } } } });
    expect(loaded).toMatchObject({ baseDirectory: folder() });
    expect(loaded.file).toBeUndefined();
  });

  test('a file that is named but cannot be read is a problem', () => {
    const messageOf = (file: string) => {
      const loaded = loadConfig({ file, schema, environment: {}, cwd: folder() });
      return loaded.ok ? undefined : loaded.problems[0]?.message;
    };
    expect(messageOf('absent.yaml')).toBe('does not exist');
    expect(messageOf('.')).toMatch(/folder/);
    symlinkSync('loop.yaml', join(folder(), 'loop.yaml'));
    expect(messageOf('loop.yaml')).toMatch(/ELOOP/);
    writeFileSync(join(folder(), 'utf16.yaml'), Buffer.from(APP, 'utf16le').fill(0xff, 0, 2));
    expect(messageOf('utf16.yaml')).toMatch(/UTF-8/);
    write('#'.repeat(5 * 1024 * 1024), 'huge.yaml');
    expect(messageOf('huge.yaml')).toMatch(/4 MiB/);
  });
});

test('everything but apps has a default', () => {
  const settings: Settings<unknown> = settingsOf(APP);
  expect(settings).toEqual({
    http: {
      bind_addresses: ['127.0.0.1'],
      port: 5000,
      trust_proxy: false,
      body_limit: 524_288,
      body_budget: 134_217_728,
      concurrency: 64,
      max_in_flight: 2000,
      max_connections: 10_000,
      request_timeout: 30_000,
      headers_timeout: 10_000,
      keep_alive_timeout: 75_000,
      shutdown_grace: 25_000,
    },
    admin: settingsOf(APP).admin, // see admin-section.int.test.ts
    metrics: { bind_address: '127.0.0.1', ports: { ingress: 5002, dispatcher: 5003, admin: 5004 } },
    redis: { prefix: 'reveille', data_directory: './data', wait_for_replicas: 0 },
    log: { level: 'info', format: 'auto' },
    dedupe: { window: 3_600_000 },
    max_age: { event: 3_600_000, call: 60_000, counts: 600_000 },
    rejections: { ttl: 30 * 86_400_000 },
    storm_breaker: {
      enabled: true,
      window: 300_000,
      ...{ floor: 100, suspect_floor: 20 },
      ...{ share: 0.5, suspect_share: 0.25 },
      factor: 5,
      ...{ slow_floor: 5, slow_share: 0.5, slow_window: 86_400_000 },
      hold_for: 1_800_000,
      release_per_minute: 60,
      retry: 30_000,
    },
    retry: { base: 1000, cap: 300_000 },
    dead_letters: { max_age: 7 * 86_400_000, max_count: 100_000 },
    explain: { enabled: true, keep: 86_400_000, max_pushes: 100_000 },
    dispatcher: { concurrency: 200, shutdown_grace: 25_000, request_timeout: 30_000 },
    queue_limit: { count: 1_000_000, age: 3_600_000 },
    unknown_app: 'reject',
    removed_app_grace: 86_400_000,
    limits: {},
    privacy: { require_sealed: false },
    apps: { 'com.example.ios': { type: 'apns', topic: 'com.example.app' } },
  });
});

test('a section without keys means what its absence means', () => {
  expect(settingsOf(`http:\nredis:\n  prefix:\n${APP}`).redis.prefix).toBe('reveille');
});

test('apps can share settings by anchors and merge keys', () => {
  const settings = settingsOf(
    `apps:\n  a: &a\n    type: apns\n    topic: t\n  b:\n    <<: *a\n    topic: u\n  c: *a\n`,
    { REVEILLE_APPS__c__TOPIC: 'v' },
  );
  expect(settings.apps).toEqual({
    a: { type: 'apns', topic: 't' },
    b: { type: 'apns', topic: 'u' },
    c: { type: 'apns', topic: 'v' },
  });
});

describe('problems', () => {
  test('all of them at once, in the order of the file, with line, finding, example and suggestion', () => {
    const problems = problemsOf(`
http:
  prot: 80
  port: abc
port: 5000
log:
  level: inf
  setup: {}
apps:
  a.b:
    type: apsn
  c.d:
    type: apns
    tpoic: x
    max_age: { evnt: 1h, call: -3 }
  e.f:
    type: gcm
    project_id: 12345
  g.h:
`);
    expect(problems.map(({ path, line, suggestion }) => [path, line, suggestion])).toEqual([
      ['http.prot', 3, 'port'],
      ['http.port', 4, undefined],
      ['port', 5, 'http.port'],
      ['log.level', 7, 'info'],
      ['log.setup', 8, undefined],
      ['apps["a.b"].type', 11, 'apns'],
      ['apps["c.d"].topic', 12, undefined],
      ['apps["c.d"].tpoic', 14, 'topic'],
      ['apps["c.d"].max_age.call', 15, undefined],
      ['apps["c.d"].max_age.evnt', 15, 'event'],
      ['apps["e.f"].project_id', 18, undefined],
      ['apps["g.h"].type', 19, undefined],
    ]);
    const named = new Map(problems.map((problem) => [problem.path, problem]));
    expect(named.get('http.port')).toEqual({
      path: 'http.port',
      line: 4,
      found: '"abc"',
      message: 'must be a number',
      example: 'port: 5000',
    });
    expect(named.get('apps["c.d"].topic')).toMatchObject({
      found: 'nothing',
      message: 'is required',
      example: 'topic: com.example.app',
    });
    expect(named.get('apps["e.f"].project_id')?.message).toBe('must be text: put the number in quotes');
    expect(named.get('log.setup')?.message).toMatch(/sygnal/);
  });

  test.each(['http: {}', 'apps: {}', 'apps:', `apps: []`])('%j: an app is required, with an example', (text) => {
    const example = expect.stringContaining('type: apns') as string;
    expect(problemsOf(text)).toMatchObject([{ path: 'apps', example }]);
  });

  test.each(['__proto__', 'constructor', 'toString'])('the key %s is unknown like any other', (key) => {
    const message = expect.stringMatching(/^unknown key/) as string;
    expect(problemsOf(`${key}: 5\n${APP}`)).toMatchObject([{ path: key, line: 1, message }]);
  });

  test.each([
    ['http: { trust_proxy: nope }', 'http.trust_proxy', '"nope"', 'trust_proxy: ["10.0.0.0/8"]'],
    ['http: { trust_proxy: {} }', 'http.trust_proxy', 'a mapping', 'trust_proxy: ["10.0.0.0/8"]'],
    ['http: { trust_proxy: [nope] }', 'http.trust_proxy[0]', '"nope"', '10.0.0.0/8'],
    ['http: { bind_addresses: "a, [b]" }', 'http.bind_addresses', '"a, [b]"', 'bind_addresses: ["127.0.0.1","::1"]'],
    ["privacy: { hash_key: '' }", 'privacy.hash_key', '(hidden)', 'hash_key: the output of: openssl rand -hex 32'],
  ])('%s', (text, path, found, example) => {
    expect(problemsOf(`${text}\n${APP}`)).toMatchObject([{ path, found, example }]);
    expect(problemsOf(`${text}\n${APP}`)).toHaveLength(1);
  });

  test.each([
    ['{ type: 7 }', 'type', 'type: apns'],
    ['{ type: apns, topic: [] }', 'topic', 'topic: com.example.app'],
    ['{ type: gcm, project_id: p, mode: fast }', 'mode', 'mode: slow'],
  ])('an app that is %s has one problem, with an example', (app, key, example) => {
    expect(problemsOf(`apps: { a: ${app} }\n`)).toMatchObject([{ path: `apps.a.${key}`, example }]);
    expect(problemsOf(`apps: { a: ${app} }\n`)).toHaveLength(1);
  });

  test('a rule of a provider that says what it knows gets a suggestion', () => {
    const options = (text: string) => problemsOf(`apps: { a: { type: fcm, project_id: p, options: ${text} } }\n`);
    expect(options('{ androd: 1 }')).toMatchObject([{ path: 'apps.a.options.androd', suggestion: 'android' }]);
    expect(options('{ zzzzzz: 1 }')).toMatchObject([{ message: 'unknown field; known here: android, apns' }]);
  });

  test('secrets are hidden', () => {
    const problems = problemsOf(
      `redis: { url: 'user:SENTINEL@host', password: [SENTINEL] }\nproxy: ftp://u:SENTINEL@h\n` +
        `privacy: { hash_key: SENTINEL }\napps: { x: { type: apns, topic: t, keyfile: { a: SENTINEL } } }\n`,
    );
    expect(problems).toHaveLength(5);
    expect(JSON.stringify(problems)).not.toContain('SENTINEL');
  });

  test('settings that contradict each other', () => {
    expect(problemsOf(`http: { request_timeout: 5s }\nretry: { base: 10m }\n${APP}`)).toMatchObject([
      {
        path: 'http.headers_timeout',
        line: 1,
        found: '10s (the default)',
        message: 'must not be longer than `request_timeout`',
      },
      { path: 'retry.cap', line: 2, message: 'must not be shorter than `base`' },
    ]);
  });

  test('the unknown variables are told beside a file that is no YAML', () => {
    expect(problemsOf('a: [', { REVEILLE_HTPP_PORT: '1' }).map(({ line, variable }) => line ?? variable)).toEqual([
      1,
      'REVEILLE_HTPP_PORT',
    ]);
  });
});

test('what the apps name is checked too, app by app, with its place', () => {
  const app = z.strictObject({ keyfile: z.string(), api_key: z.string().optional() });
  const checkApp = appCheck(app, ({ keyfile }, baseDirectory) =>
    keyfile === 'good' ? [] : [{ path: ['keyfile'], message: `is not in ${baseDirectory}`, example: 'keyfile: good' }],
  );
  write('apps:\n  a: { keyfile: good }\n  b:\n    keyfile: bad\n  c: { keyfil: bad }\n  d: { keyfile: bad, api_kye: x }\n');
  const loaded = loadConfig({ schema: configSchema(app), checkApp, environment: {}, cwd: folder() });
  expect(loaded.ok ? [] : loaded.problems).toMatchObject([
    { path: 'apps.b.keyfile', line: 4, found: '"bad"', message: `is not in ${folder()}`, example: 'keyfile: good' },
    { path: 'apps.c.keyfile', line: 5 },
    { path: 'apps.c.keyfil', line: 5, suggestion: 'keyfile' },
    { path: 'apps.d.keyfile', line: 6, found: '"bad"' },
    { path: 'apps.d.api_kye', line: 6, suggestion: 'api_key' },
  ]);
});

test('wrong keys hide no finding about the other keys of their app, also where one mistake hides another', () => {
  const app = z
    .strictObject({ keyfile: z.string(), mode: z.enum(['a', 'b']).optional(), min: z.int().optional(), max: z.int() })
    .refine(({ min = 0, max }) => min <= max, { path: ['min'], message: 'must not be above `max`' });
  const checkApp = appCheck(app, () => [{ path: ['keyfile'], message: 'cannot be read' }]);
  write('apps:\n  a: { keyfile: k, mode: loud, max: 1 }\n  b: { keyfile: k, mode: loud, min: 2, max: 1 }\n');
  const loaded = loadConfig({ schema: configSchema(app), checkApp, environment: {}, cwd: folder() });
  expect(loaded.ok ? [] : loaded.problems.map(({ path }) => path)).toEqual([
    'apps.a.keyfile',
    'apps.a.mode',
    'apps.b.keyfile',
    'apps.b.mode',
  ]);
});

test('a role without providers checks the common keys only', () => {
  write(`apps:\n  a: { type: apns, keyfile: k, whatever: 1, concurrency: many }\n`);
  const loaded = loadConfig({ schema: configSchema(looseAppSchema), environment: {}, cwd: folder() });
  expect(loaded.ok ? [] : loaded.problems.map(({ path }) => path)).toEqual(['apps.a.concurrency']);
});

test('whatever the file and the environment hold, the answer is settings or problems', () => {
  const keys = ['http', 'port', 'apps', 'redis', 'url', 'url_file', 'type', 'a.b', '__proto__', 'max_age', 'log', '0'];
  const key = fc.constantFrom(...keys);
  const known = fc.constantFrom(null, 'apns', 'fcm', '1h', 'redis://h');
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), known);
  const list = fc.array(leaf, { maxLength: 3 });
  const { tree } = fc.letrec((tie) => ({
    tree: fc.dictionary(key, fc.oneof({ maxDepth: 4 }, leaf, tie('tree'), list), { maxKeys: 5 }),
  }));
  const names = ['HTTP__PORT', 'APPS__x__TYPE', 'APPS__', 'APPS____', 'REDIS__URL_FILE', 'X'];
  const variable = fc.tuple(fc.constantFrom(...names), fc.string());
  fc.assert(
    fc.property(tree, fc.array(variable, { maxLength: 3 }), (value, variables) => {
      write(stringify(value));
      const environment = Object.fromEntries(variables.map(([name, text]) => [`REVEILLE_${name}`, text]));
      const loaded = loadConfig({ schema, environment, cwd: folder() });
      if (!loaded.ok) {
        expect(loaded.problems.length).toBeGreaterThan(0);
        expect(formatProblems(loaded.file, loaded.problems)).toContain('problem');
      }
    }),
    { numRuns: 150 },
  );
});
