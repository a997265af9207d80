import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from '@reveille/testing';
import { z } from 'zod';

/** As `npm run bench` runs it; `npm test` has built it before. */
const MAIN = join(__dirname, '../../dist/bench/main.js');
/** Several processes start one after another; only a fault takes this long. */
const TIMEOUT_MS = 120_000;

const figure = z.number().nonnegative();
const reportSchema = z.strictObject({
  machine: z.looseObject({ cores: z.number().positive(), node: z.literal(process.version), redis: z.string().min(1) }),
  rows: z.array(
    z.strictObject({
      name: z.string().regex(/^[a-z-]+\/[a-z0-9.-]+$/),
      value: figure,
      unit: z.string().min(1),
      limit: figure.nullable(),
      ratio: figure.nullable(),
      target: z.string().nullable(),
      ok: z.boolean().nullable(),
      spread: z.tuple([figure, figure]),
    }),
  ),
});

const failedRunSchema = z.object({ stdout: z.string(), code: z.number() });

/** The figures themselves are not looked at: a timing never decides a test. */
async function bench(only: string) {
  const directory = await temporaryDirectory();
  try {
    const json = join(directory.path, 'report.json');
    const args = [MAIN, '--only', only, '--seconds', '0.02', '--rounds', '1', '--check', '--json', json];
    const { stdout, code } = await promisify(execFile)(process.execPath, args, { timeout: TIMEOUT_MS }).then(
      (run) => ({ ...run, code: 0 }),
      (error: unknown) => failedRunSchema.parse(error),
    );
    return { table: stdout, code, report: reportSchema.parse(JSON.parse(readFileSync(json, 'utf8'))) };
  } finally {
    await directory.remove();
  }
}

/** `--check` found something, as it may in so short a run. */
const EXIT_WORSE = 3;

const FAILED_QUESTIONS = [
  ...['first-page', 'largest-page', 'any-page', 'cause', 'time', 'cause-and-time', 'attempts', 'event', 'room', 'big-room-cause-and-time'],
  ...['device', 'device-in-big-room', 'causes', 'causes-of-room-and-time', 'oldest-first', 'one'],
  ...['preview-of-all', 'preview-of-cause', 'preview-of-room'],
];

it.each([
  ['ingress', ['ingress/acks']],
  ['ingress-half', ['ingress-half/p99', 'ingress-half/loop-delay-p99']],
  // `fcm` is the same code with another app.
  ['apns', ['apns/pushes-0ms', 'apns/pushes-60ms']],
  ['whole', ['whole/rate', 'whole/cpu', 'whole/low-load-to-provider-p99']],
  ['memory', ['memory/waiting-push']],
  ['backlog', ['backlog/pushes', 'backlog/first-push', 'backlog/first-push-with-redis']],
  ['burst', ['burst/other-p99']],
  ['lanes', ['lanes/first-high']],
  ['scale', ['scale/two-dispatchers']],
  ['failed', FAILED_QUESTIONS.map((question) => `failed/${question}-p99`)],
  ['governor', ['governor/used', 'governor/refused']],
  ['idle', ['idle/ingress', 'idle/dispatcher', 'idle/admin']],
])(
  'measures %s, writes table and JSON, and compares with the baseline',
  async (only, targets) => {
    const { table, code, report } = await bench(only);
    const judged = report.rows.filter(({ target }) => target !== null);
    expect(judged.map(({ name }) => name)).toEqual(targets);
    for (const { ok } of judged) expect(typeof ok).toBe('boolean');
    for (const { name } of report.rows) expect(table).toContain(name);
    const worse = /^\d+ ratios compared with the baseline, (\d+) clearly worse$/m.exec(table)?.[1];
    expect(code).toBe(worse === '0' ? 0 : EXIT_WORSE);
  },
  TIMEOUT_MS,
);

it('ends with 2 and its usage when it is used wrongly', async () => {
  const run = promisify(execFile)(process.execPath, [MAIN, '--only', 'nothing']);
  const stderr = expect.stringContaining('usage: npm run bench') as string;
  await expect(run).rejects.toMatchObject({ code: 2, stderr });
});
