import { eventually, eventuallyPasses } from '@reveille/testing';
import { build } from 'esbuild';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDeadLetter } from './dead-letter';
import { readLedger } from './ledger';
import { useTestQueue } from './test-queue';

const { redis, prefix, url, queue, work, enqueue, poisoned } = useTestQueue();

const jobKey = (id: string) => `${prefix()}:{a}:${id}`;
const letterOf = async (id: string) => parseDeadLetter((await queue().getJob(id))?.failedReason ?? '');

it('gives up a push whose handler throws or hangs for the third time', async () => {
  const [id = ''] = await enqueue(1);
  let tries = 0;
  work(() => {
    tries++;
    return Promise.resolve({ kind: 'fault', reason: 'threw' });
  });
  await eventuallyPasses(() => expect(poisoned()).toEqual([id]));
  expect(tries).toBe(3);
  await eventuallyPasses(async () => expect(await letterOf(id)).toEqual({ outcome: 'dead', reason: 'poison' }));
});

it('tries suspects one at a time, and lets the innocent pass', async () => {
  const ids = await enqueue(3);
  // Three that were under way when two workers died.
  for (const id of ids) await redis().hset(jobKey(id), 'stc', 2);
  let underWay = 0;
  let most = 0;
  const seen = new Set<string>();
  work(async (job) => {
    most = Math.max(most, ++underWay);
    await new Promise(setImmediate);
    underWay--;
    seen.add(job.dispatch?.id ?? '');
    return { kind: 'done', end: 'delivered' };
  });
  await eventuallyPasses(() => expect(seen.size).toBe(3));
  expect(most).toBe(1);
  expect(poisoned()).toEqual([]);
});

it('does not blame a push that was only beside three deaths', async () => {
  const [id = ''] = await enqueue(1);
  await redis().hset(jobKey(id), 'stc', 3);
  work(() => Promise.resolve({ kind: 'done', end: 'delivered' }));
  await eventuallyPasses(async () => expect(await redis().exists(jobKey(id))).toBe(0));
  expect(poisoned()).toEqual([]);
});

it('does not blame a push that survived being tried alone for the next death', async () => {
  const [id = ''] = await enqueue(1);
  await redis().hset(jobKey(id), 'stc', 2);
  let tries = 0;
  const worker = work(() => Promise.resolve({ kind: 'retry', delayMs: ++tries === 1 ? 20 : 3_600_000, reason: '503' }));
  await eventuallyPasses(() => expect(tries).toBe(2));
  await eventuallyPasses(async () => expect(await redis().zcard(`${prefix()}:{a}:delayed`)).toBe(1));
  await worker.close(1000);
  await redis().hset(jobKey(id), 'stc', 3);
  await (await queue().getJob(id))?.promote();
  work(() => Promise.resolve({ kind: 'done', end: 'delivered' }));
  await eventuallyPasses(async () => expect(await redis().exists(jobKey(id))).toBe(0));
  expect(poisoned()).toEqual([]);
});

describe('a push that kills its process', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'reveille-quarantine-'));
    await build({
      entryPoints: [join(__dirname, 'dying-worker.fixture.ts')],
      outfile: join(directory, 'worker.js'),
      bundle: true,
      platform: 'node',
      packages: 'external',
      tsconfig: join(__dirname, '../../../tsconfig.base.json'),
      nodePaths: [join(__dirname, '../../../node_modules')],
    });
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('is isolated after three of them, and all others arrive', async () => {
    const [poison = ''] = await enqueue(1, 'high', { deviceHash: 'poison' });
    await enqueue(60);
    let deaths = 0;
    let isOver = false;
    let worker: ChildProcess | undefined;
    const start = (): void => {
      worker = spawn(process.execPath, [join(directory, 'worker.js'), url(), prefix()], {
        stdio: 'inherit',
        env: { PATH: process.env.PATH, NODE_PATH: join(__dirname, '../../../node_modules') },
      });
      worker.once('exit', () => {
        if (isOver) return;
        deaths++;
        start();
      });
    };
    start();
    const balance = await eventually(async () => {
      const read = await readLedger({ redis: redis(), prefix: prefix(), appKey: 'a', now: Date.now() });
      return read.open === 0 && read;
    }, { timeoutMs: 25_000 });
    isOver = true;
    worker?.kill('SIGKILL');
    expect(balance).toMatchObject({ accepted: 61, delivered: 60, dead: 1, difference: 0 });
    expect(deaths).toBe(3);
    expect(await letterOf(poison)).toEqual({ outcome: 'dead', reason: 'poison' });
  });
});
