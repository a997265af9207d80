import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { startSimulator } from '@reveille/simulator';
import type { Simulator, SimulatorCommand } from '@reveille/simulator';
import { buildSync } from 'esbuild';

/**
 * firebase-admin always calls Google's own token endpoint, and loads its HTTP client in a way that jest's module system
 * does not know. So it runs in a process of its own, built as the apps are, where `oauth2.googleapis.com` leads to the
 * simulator.
 */
const WORKSPACE = join(__dirname, '../../..');
const folder = join(WORKSPACE, '.cache', `provider-fcm-${process.pid}`);
const script = join(folder, 'fetch-twice.js');

/** A process starts in each test, and the processor may be busy. */
jest.setTimeout(30_000);

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
  await mkdir(folder, { recursive: true });
  buildSync({
    stdin: {
      resolveDir: __dirname,
      loader: 'ts',
      contents: `
        import { readFileSync } from 'node:fs';
        import { globalAgent } from 'node:https';
        import { connect } from 'node:tls';
        import { createApplicationDefault, createCertificate } from './google-credential';
        import { parseServiceAccount } from './service-account';
        const [kind, accountFile, caFile, port, timeoutMs] = process.argv.slice(2);
        globalAgent.createConnection = () =>
          connect({ host: '127.0.0.1', port: Number(port), servername: 'localhost', ca: readFileSync(caFile) });
        const { account } = parseServiceAccount(readFileSync(accountFile, 'utf8'));
        const terms = { timeoutMs: Number(timeoutMs), now: () => 0 };
        const renew = async () => ({ ok: false, kind: 'unavailable', reason: 'renewed by our own exchange' });
        const fetchToken = kind === 'certificate'
          ? createCertificate({ account, projectId: 'p', renew, ...terms })
          : createApplicationDefault(terms);
        void (async () => {
          const results = [await fetchToken(false), await fetchToken(true)];
          process.stdout.write(JSON.stringify(results), () => process.exit());
        })();`,
    },
    outfile: script,
    bundle: true,
    platform: 'node',
    target: 'node20',
    packages: 'external',
    tsconfig: join(WORKSPACE, 'tsconfig.base.json'),
  });
});
afterEach(() => simulator.clearCommands());
afterAll(async () => {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

interface Run {
  readonly kind?: 'certificate' | 'default';
  readonly timeoutMs?: number;
  readonly environment?: Record<string, string>;
}

async function fetchTwice({ kind = 'certificate', timeoutMs = 10_000, environment = {} }: Run = {}): Promise<unknown> {
  const { serviceAccount, ca } = simulator.files;
  const args = [script, kind, serviceAccount, ca, new URL(simulator.tokenUrl).port, String(timeoutMs)];
  const { PATH = '', HOME = '' } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { PATH, HOME, ...environment } });
  return JSON.parse(stdout);
}
const answer = (command: SimulatorCommand['answer']): void => simulator.command({ provider: 'token', answer: command });
const TOKEN = { status: 200, body: '{"access_token":"from-google","expires_in":3600,"token_type":"Bearer"}' };

describe("firebase-admin's certificate credential", () => {
  it('gives a token, and leaves the renewal of a refused one to our own exchange', async () => {
    answer({ ...TOKEN, headers: { 'content-type': 'application/json' } });
    expect(await fetchTwice()).toMatchObject([
      { ok: true, token: { value: 'from-google' } },
      { ok: false, reason: 'renewed by our own exchange' },
    ]);
  });

  it('refused by the token endpoint', async () => {
    answer({ status: 400, errorCode: 'invalid_grant' });
    expect(await fetchTwice()).toMatchObject([{ kind: 'refused', reason: 'token-invalid-grant', status: 400 }, {}]);
  });

  it('without a connection', async () => {
    answer({ fault: 'close' });
    expect(await fetchTwice()).toMatchObject([{ kind: 'unavailable', reason: 'token-connect' }, {}]);
  });

  it('without an answer', async () => {
    answer({ fault: 'hang' });
    expect(await fetchTwice({ timeoutMs: 100 })).toMatchObject([{ kind: 'unavailable', reason: 'token-timeout' }, {}]);
  });
});

describe("firebase-admin's application default credentials", () => {
  it('of a file', async () => {
    answer({ ...TOKEN, headers: { 'content-type': 'application/json' } });
    const environment = { GOOGLE_APPLICATION_CREDENTIALS: simulator.files.serviceAccount };
    const token = { ok: true, token: { value: 'from-google' } };
    expect(await fetchTwice({ kind: 'default', environment })).toMatchObject([token, token]);
  });

  it('that are not there', async () => {
    const environment = { GOOGLE_APPLICATION_CREDENTIALS: '/nonexistent/credentials.json' };
    const refused = { kind: 'refused', reason: 'token-no-credentials' };
    expect(await fetchTwice({ kind: 'default', environment })).toEqual([
      { ok: false, ...refused },
      { ok: false, ...refused },
    ]);
  });
});
