import { GLOB, IOS, useCommandBench } from './test-command-bench';

const bench = useCommandBench();

describe('resume', () => {
  it('opens a parked app, and says what it was', async () => {
    await bench.withQueue(IOS, async (queue) => {
      const { gate } = queue;
      await gate.park('InvalidProviderToken');
      const { exitCode, printed, complained } = await bench.run('resume', IOS);
      expect({ exitCode, complained }).toEqual({ exitCode: 0, complained: '' });
      expect(printed).toMatch(/^com\.example\.ios runs again; it was parked since \d{4}-.+Z \(InvalidProviderToken\)\.\n$/);
      expect(await gate.read()).toBeUndefined();
      expect(await queue.counts()).toMatchObject({ paused: false });
    });
  });

  it('opens an app that a quota holds', async () => {
    await bench.withQueue(IOS, async ({ gate }) => {
      await gate.hold('QUOTA_EXCEEDED', 60_000);
      expect(await bench.run('resume', IOS)).toMatchObject({ exitCode: 0, printed: expect.stringContaining('it was held') as string });
      expect(await gate.read()).toBeUndefined();
    });
  });

  it('leaves a running app alone', async () => {
    expect(await bench.run('resume', IOS)).toEqual({ exitCode: 0, printed: `${IOS} was running already.\n`, complained: '' });
  });

  it('finds the app that serves an app id by its glob', async () => {
    await bench.withQueue(GLOB, async ({ gate }) => {
      await gate.park('TopicDisallowed');
      expect(await bench.run('resume', 'com.example.beta.seven')).toMatchObject({ exitCode: 0, printed: expect.stringContaining(`${GLOB} runs again`) as string });
      expect(await gate.read()).toBeUndefined();
    });
  });

  it('speaks JSON', async () => {
    await bench.withQueue(IOS, async ({ gate }) => {
      await gate.park('InvalidProviderToken');
      const { printed } = await bench.run('resume', IOS, '--json');
      expect(JSON.parse(printed)).toEqual({
        app: IOS,
        state: 'running',
        before: { state: 'parked', reason: 'InvalidProviderToken', since: expect.any(Number) as number, until: expect.any(Number) as number, probes: 0 },
      });
    });
  });

  it.each([
    ['com.example.iso', "no app 'com.example.iso' in the configuration; did you mean 'com.example.ios'?"],
    ['org.matrix', `no app 'org.matrix' in the configuration; it has ${IOS}, ${GLOB}`],
  ])('knows no app %s', async (app, message) => {
    expect(await bench.run('resume', app)).toEqual({ exitCode: 1, printed: '', complained: `reveille: ${message}\n` });
  });

  it.each([[[]], [[IOS, GLOB]], [[IOS, '--force']], [[IOS, '--config']]])('is told how it is used: %j', async (args) => {
    const { exitCode, complained } = await bench.run('resume', ...args);
    expect({ exitCode, printsUsage: complained.includes('usage: reveille resume APP') }).toEqual({ exitCode: 2, printsUsage: true });
  });
});
