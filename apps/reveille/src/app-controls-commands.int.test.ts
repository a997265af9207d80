import { readControls } from '@reveille/queue';

import { GLOB, IOS, useCommandBench } from './test-command-bench';

const bench = useCommandBench();

const controls = (app = IOS) => readControls({ redis: bench.redis, prefix: 'reveille' }, app);

describe('pause', () => {
  it('stops an app until it is resumed, and says who did it', async () => {
    await bench.withQueue(IOS, async (queue) => {
      const { gate } = queue;
      expect(await bench.run('pause', IOS, '--reason', 'Apple is ill')).toEqual({
        exitCode: 0,
        printed: `${IOS} is paused; 0 pushes wait, and more are accepted. To go on: reveille resume ${IOS}\n`,
        complained: '',
      });
      expect(await gate.read()).toMatchObject({ state: 'paused', reason: 'Apple is ill', by: 'cli:alice' });
      expect(await queue.counts()).toMatchObject({ paused: true });

      const again = await bench.run('pause', IOS);
      expect(again).toMatchObject({ exitCode: 0, complained: '' });
      expect(again.printed).toMatch(/^com\.example\.ios was paused already: paused since \d{4}-.+Z by cli:alice \(Apple is ill\)\.\n$/);

      expect((await bench.run('resume', IOS)).printed).toMatch(/^com\.example\.ios runs again; it was paused since .+ by cli:alice \(Apple is ill\)\.\n$/);
      expect(await queue.counts()).toMatchObject({ paused: false });
    });
  });

  it('speaks JSON, and finds the app by an app id that it serves', async () => {
    const { printed } = await bench.run('pause', 'com.example.beta.two', '--json');
    const gate = { state: 'paused', reason: 'by an operator', by: 'cli:alice', since: expect.any(Number) as number, until: 0, probes: 0 };
    expect(JSON.parse(printed)).toEqual({ app: GLOB, state: 'paused', gate, before: null });
    expect(JSON.parse((await bench.run('resume', GLOB, '--json')).printed)).toEqual({ app: GLOB, state: 'running', before: gate });
  });
});

describe('drain', () => {
  it('turns new pushes away, and takes them again', async () => {
    const on = await bench.run('drain', IOS, 'on');
    expect(on).toMatchObject({ exitCode: 0, complained: '', printed: expect.stringContaining(`${IOS} accepts nothing new`) as string });
    expect(await controls()).toMatchObject({ draining: true });
    expect(JSON.parse((await bench.run('drain', IOS, 'on', '--json')).printed)).toEqual({ app: IOS, draining: true, before: true, left: 0 });
    expect(await bench.run('drain', IOS, 'off')).toEqual({ exitCode: 0, printed: `${IOS} accepts pushes again.\n`, complained: '' });
    expect(await bench.run('drain', IOS, 'off')).toMatchObject({ printed: `${IOS} accepts pushes, as before.\n` });
    expect(await controls()).toMatchObject({ draining: false });
  });
});

describe('concurrency', () => {
  it('narrows an app, and takes the limit back', async () => {
    expect(await bench.run('concurrency', IOS, '7')).toEqual({
      exitCode: 0,
      printed: `${IOS}: at most 7 pushes at once, in all dispatchers; before: as many pushes at once as the dispatchers are configured for.\n`,
      complained: '',
    });
    expect(await controls()).toMatchObject({ concurrency: 7 });
    expect(JSON.parse((await bench.run('concurrency', IOS, 'default', '--json')).printed)).toEqual({ app: IOS, limit: null, before: 7 });
    expect(await controls()).toEqual({ draining: false, concurrency: undefined });
  });
});

it.each([
  ['pause', []],
  ['pause', [IOS, GLOB]],
  ['pause', [IOS, '--reason', 'x'.repeat(201)]],
  ['drain', [IOS]],
  ['drain', [IOS, 'maybe']],
  ['drain', [IOS, 'on', 'off']],
  ['concurrency', [IOS]],
  ['concurrency', [IOS, '0']],
  ['concurrency', [IOS, '1e3']],
  ['concurrency', [IOS, '100001']],
  ['concurrency', [IOS, '5', '6']],
] as const)('%s is told how it is used: %j', async (command, args) => {
  const { exitCode, complained } = await bench.run(command, ...args);
  expect({ exitCode, printsUsage: complained.includes(`usage: reveille ${command} APP`) }).toEqual({ exitCode: 2, printsUsage: true });
});

it.each([['pause'], ['drain', 'on'], ['concurrency', '5']])('%s knows no other app', async (command, ...words) => {
  const app = 'com.example.iso';
  const message = `reveille: no app '${app}' in the configuration; did you mean '${IOS}'?\n`;
  expect(await bench.run(command, app, ...words)).toEqual({ exitCode: 1, printed: '', complained: message });
});
