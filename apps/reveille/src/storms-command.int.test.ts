import { appKeyBase } from '@reveille/queue';
import { createStormBreaker } from '@reveille/rejections';

import { GLOB, IOS, useCommandBench } from './test-command-bench';

/** Of a storm. */
const DEVICES = 20;

const bench = useCommandBench();

describe('storms', () => {
  it('says that there is none', async () => {
    expect(await bench.run('storms')).toEqual({ exitCode: 0, printed: 'No storm of rejections.\n', complained: '' });
    expect(await bench.run('storms', 'list', '--json')).toMatchObject({ exitCode: 0, printed: '{"storms":{}}\n' });
    expect(await bench.run('storms', 'discard', IOS)).toEqual({ exitCode: 1, printed: '', complained: `reveille: there is no storm in ${IOS}\n` });
  });

  it('lists them with what an operator may do', async () => {
    await storm(GLOB);
    const { exitCode, printed } = await bench.run('storms', 'list');
    expect(exitCode).toBe(0);
    expect(printed).toMatch(/^com\.example\.beta\.\*\n {2}since {6}20.+, holding\n {2}reasons {4}DeviceTokenNotForTopic \d+\n/);
    expect(printed).toContain(`reveille storms discard ${GLOB}`);
    expect(printed).toContain(`reveille storms release ${GLOB}`);
    expect(printed).not.toContain('device-');
    const { storms } = JSON.parse((await bench.run('storms', '--json')).printed) as { storms: Record<string, unknown> };
    expect(storms).toEqual({ [GLOB]: expect.objectContaining({ state: 'holding', reason: 'DeviceTokenNotForTopic', held: DEVICES }) as unknown });
  });

  it.each([
    ['release', `${DEVICES} rejections are told from now on.`, DEVICES],
    ['discard', `${DEVICES} rejections are forgotten; their pushes are sent again.`, 0],
  ])('%s ends one', async (action, said, told) => {
    await storm(IOS);
    expect(await remembered(IOS)).toBe(0);
    expect(await bench.run('storms', action, IOS)).toEqual({ exitCode: 0, printed: `${IOS}: ${said}\n`, complained: '' });
    expect(await remembered(IOS)).toBe(told);
    expect(await bench.run('storms')).toMatchObject({ printed: 'No storm of rejections.\n' });
  });

  it('speaks JSON, and finds the app by an app id that it serves', async () => {
    await storm(GLOB);
    expect(await bench.run('storms', 'discard', 'com.example.beta.two', '--json')).toEqual({
      exitCode: 0,
      printed: `${JSON.stringify({ app: GLOB, action: 'discard', verdicts: DEVICES })}\n`,
      complained: '',
    });
  });

  it('knows no other app', async () => {
    expect(await bench.run('storms', 'release', 'com.example.iso')).toMatchObject({ exitCode: 1, complained: expect.stringContaining(`did you mean '${IOS}'?`) as string });
  });

  it.each([[['release']], [['list', IOS]], [['discard', IOS, GLOB]], [['stop', IOS]]])('refuses %j', async (args) => {
    const { exitCode, complained } = await bench.run('storms', ...args);
    expect({ exitCode, printsUsage: complained.includes('usage: reveille storms [list | release APP | discard APP]') }).toEqual({ exitCode: 2, printsUsage: true });
  });
});

/** Lets a wrong topic reject every device. */
async function storm(appKey: string): Promise<void> {
  const breaker = createStormBreaker({
    redis: bench.redis,
    base: appKeyBase('reveille', appKey),
    settings: {
      windowMs: 300_000,
      floor: DEVICES,
      suspectFloor: DEVICES,
      share: 0.5,
      suspectShare: 0.25,
      factor: 5,
      holdForMs: 1_800_000,
      releasePerMinute: 60,
      retryMs: 30_000,
      ttlMs: 86_400_000,
    },
    fingerprint: () => 'settings',
    now: Date.now,
    random: Math.random,
    onEvent: () => undefined,
  });
  const verdict = { diedAt: Date.now(), reason: 'DeviceTokenNotForTopic', suspect: true, isAnswer: true };
  for (let device = 0; device < DEVICES; device += 1) await breaker.remember(`device-${device}`, verdict);
}

/** Rejections that homeservers are told. */
async function remembered(appKey: string): Promise<number> {
  return (await bench.redis.keys(`${appKeyBase('reveille', appKey)}rejected:*`)).length;
}
