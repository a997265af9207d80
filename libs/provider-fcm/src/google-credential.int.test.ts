import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { startSimulator } from '@reveille/simulator';
import type { Simulator, SimulatorCommand } from '@reveille/simulator';
import { buildSync } from 'esbuild';
import { z } from 'zod';

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
        import tls from 'node:tls';
        import { createApplicationDefault, createCertificate } from './google-credential';
        import { GOOGLE_TOKEN_URL, parseServiceAccount } from './service-account';
        import { createTokenSource } from './token-source';
        const [kind, accountFile, caFile, port, timeoutMs] = process.argv.slice(2);
        const { connect } = tls;
        const toSimulator = () =>
          connect({ host: '127.0.0.1', port: Number(port), servername: 'localhost', ca: readFileSync(caFile) });
        globalAgent.createConnection = toSimulator; // gaxios
        tls.connect = toSimulator; // undici
        const { account } = parseServiceAccount(readFileSync(accountFile, 'utf8'));
        const terms = { timeoutMs: Number(timeoutMs), now: () => 0 };
        const renew = async () => ({ ok: false, kind: 'unavailable', reason: 'renewed by our own exchange' });
        const fromGoogle = { projectId: 'p', serviceAccount: { ...account, tokenUri: GOOGLE_TOKEN_URL } };
        const fetchToken = {
          certificate: () => createCertificate({ account, projectId: 'p', renew, ...terms }),
          default: () => createApplicationDefault(terms),
          'without a proxy': () => createTokenSource({
            credentials: fromGoogle, proxyFor: () => undefined, environment: process.env, ...terms,
          }),
        }[kind]();
        void (async () => {
          const results = [await fetchToken(false), await fetchToken(true)];
          const byFirebaseAdmin = Object.keys(require.cache).some((file) => file.includes('/firebase-admin/'));
          process.stdout.write(JSON.stringify({ results, byFirebaseAdmin }), () => process.exit());
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
  readonly kind?: 'certificate' | 'default' | 'without a proxy';
  readonly timeoutMs?: number;
  readonly environment?: Record<string, string>;
}

async function fetchTwice(run?: Run): Promise<unknown> {
  return (await runScript(run)).results;
}

async function runScript({ kind = 'certificate', timeoutMs = 10_000, environment = {} }: Run = {}) {
  const { serviceAccount, ca } = simulator.files;
  const args = [script, kind, serviceAccount, ca, new URL(simulator.tokenUrl).port, String(timeoutMs)];
  const { PATH = '', HOME = '' } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { PATH, HOME, ...environment } });
  return z.object({ results: z.array(z.unknown()), byFirebaseAdmin: z.boolean() }).parse(JSON.parse(stdout));
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

describe('the token of a service account, when no proxy is to be used', () => {
  it.each([
    ['in an environment without one: from firebase-admin', undefined, true],
    ['in an environment with HTTPS_PROXY: from our own exchange', 'HTTPS_PROXY', false],
    ['in an environment with http_proxy: from our own exchange', 'http_proxy', false],
  ])('%s', async (_name, variable, byFirebaseAdmin) => {
    answer({ ...TOKEN, headers: { 'content-type': 'application/json' } });
    const asked: (string | undefined)[] = [];
    const proxy = createServer().on('connect', ({ url }, client) => {
      asked.push(url);
      client.end('HTTP/1.1 502 Bad gateway\r\n\r\n');
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    const { port } = proxy.address() as AddressInfo; // a TCP server's address is never a string
    const environment = variable === undefined ? {} : { [variable]: `http://127.0.0.1:${port}` };
    try {
      const token = { ok: true, token: { value: 'from-google' } };
      expect(await runScript({ kind: 'without a proxy', environment })).toMatchObject({
        results: [token, token],
        byFirebaseAdmin,
      });
      expect(asked).toEqual([]);
    } finally {
      proxy.close();
    }
  });
});
