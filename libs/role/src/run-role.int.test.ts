import { configSchema, looseAppSchema, type Environment } from '@reveille/config';
import { temporaryDirectory, type TemporaryDirectory } from '@reveille/testing';
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listen } from './listen';
import { runRole, type RoleDefinition } from './run-role';
import { argumentWarnings } from './start-safely';

const schema = configSchema(looseAppSchema);

let folder: TemporaryDirectory;
let file: string;
beforeAll(async () => {
  folder = await temporaryDirectory();
  file = join(folder.path, 'reveille.yaml');
  writeFileSync(file, 'apps: { a: { type: apns } }\nlog: { level: silent }\n');
});
afterAll(() => folder.remove());

async function run(args: string[], definition: Partial<RoleDefinition<typeof schema>> = {}, environment: Environment = {}) {
  let out = '';
  let error = '';
  const exitCode = await runRole(
    {
      role: 'ingress',
      schema,
      start: () => Promise.reject(new Error('not to be started')),
      shutdownGraceMs: () => 0,
      ...definition,
    },
    {
      args,
      environment,
      cwd: folder.path,
      write: (text) => (out += text),
      writeError: (text) => (error += text),
    },
  );
  return { exitCode, out, error };
}

it.each([
  [['--prot', '1'], '--prot'],
  [['--http-port', '70000'], '--http-port'],
  [['--http-port', 'x'], '--http-port'],
  [['file.yaml'], 'file.yaml'],
])('ends with 2 and the usage for %j', async (args, named) => {
  const { exitCode, error } = await run(args);
  expect(exitCode).toBe(2);
  expect(error).toContain(named);
  expect(error).toContain('usage: ingress');
});

it('ends with 1 and the problem for a wrong or missing file', async () => {
  const missing = await run(['--config', 'missing.yaml']);
  expect(missing.exitCode).toBe(1);
  expect(missing.error).toContain('missing.yaml');
  const withoutRedis = await run(['--config', file]);
  expect(withoutRedis.exitCode).toBe(1);
  expect(withoutRedis.error).toContain('redis.url');
});

it('only looks at the file with --check-config', async () => {
  const { exitCode, out } = await run(['--config', file, '--check-config']);
  expect(exitCode).toBe(0);
  expect(out).toContain('no problems found');
});

it('ends with 1 when its port is taken', async () => {
  const other = createServer();
  const port = Number(new URL(await listen(other, '127.0.0.1', 0)).port);
  const { exitCode, error } = await run(['--config', file, '--redis-url', 'redis://127.0.0.1:1', '--http-port', String(port)], {
    start: async ({ httpPort = 0 }) => {
      await listen(createServer(), '127.0.0.1', httpPort);
      throw new Error('the port was not taken');
    },
  });
  other.close();
  expect(exitCode).toBe(1);
  expect(error).toContain('EADDRINUSE');
});

it('does not start with certificates unchecked, and says so when a password is on its command line', async () => {
  const start = () => Promise.resolve({ urls: {}, close: () => Promise.resolve() });
  const unchecked = await run(['--config', file, '--redis-url', 'redis://127.0.0.1:1'], { start }, { NODE_TLS_REJECT_UNAUTHORIZED: '0' });
  expect(unchecked).toMatchObject({ exitCode: 1, error: expect.stringContaining('NODE_TLS_REJECT_UNAUTHORIZED') as string });
  expect(argumentWarnings('redis://user:secret@h')).toMatchObject([{ path: '--redis-url', found: '(hidden)' }]);
  expect(argumentWarnings('redis://h')).toEqual([]);
  expect(argumentWarnings(undefined)).toEqual([]);
});
