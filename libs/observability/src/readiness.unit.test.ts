import { createReadiness } from './readiness';

const ok = (): Promise<true> => Promise.resolve(true);
const never = (): Promise<never> => new Promise(() => undefined);

describe('createReadiness', () => {
  it('is ready when every check is true', async () => {
    await expect(createReadiness({ redis: ok, draining: ok }, { timeoutMs: 100 })()).resolves.toEqual({
      ready: true,
      reasons: [],
    });
  });

  it('gives all reasons: refused, failed by code only, too late', async () => {
    const readiness = createReadiness(
      {
        draining: () => Promise.resolve('shutting down'),
        redis: () => Promise.reject(Object.assign(new Error('secret'), { code: 'ECONNREFUSED' })),
        broken: () => {
          throw new Error('secret');
        },
        slow: never,
        fine: ok,
      },
      { timeoutMs: 5 },
    );
    await expect(readiness()).resolves.toEqual({
      ready: false,
      reasons: ['draining: shutting down', 'redis: ECONNREFUSED', 'broken: failed', 'slow: no answer in 5 ms'],
    });
  });

  it('asks once for all who ask meanwhile, and keeps the answer for a moment', async () => {
    let calls = 0;
    let now = 0;
    const check = (): Promise<true> => {
      calls += 1;
      return Promise.resolve(true);
    };
    const readiness = createReadiness({ check }, { timeoutMs: 100, cacheMs: 500, now: () => now });
    await Promise.all([readiness(), readiness(), readiness()]);
    await readiness();
    expect(calls).toBe(1);
    now = 500;
    await readiness();
    expect(calls).toBe(2);
  });

  it('looks again sooner after a refusal', async () => {
    let answer: true | string = 'away';
    let now = 0;
    const readiness = createReadiness(
      { redis: () => Promise.resolve(answer) },
      { timeoutMs: 100, cacheMs: 500, now: () => now },
    );
    await readiness();
    answer = true;
    now = 99;
    expect((await readiness()).ready).toBe(false);
    now = 100;
    expect((await readiness()).ready).toBe(true);
  });
});
