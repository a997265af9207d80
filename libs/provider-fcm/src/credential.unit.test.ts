import { createAccessTokens, EARLY_REFRESH_MS } from './credential';
import type { AccessToken, TokenFailure, TokenResult } from './credential';

const HOUR_MS = 3_600_000;
const DOWN: TokenFailure = { ok: false, kind: 'unavailable', reason: 'token-connect' };

/** A token endpoint under the test's control: each fetch waits until it is answered. */
function controlled() {
  const waiting: ((result: TokenResult) => void)[] = [];
  const asked: boolean[] = [];
  let time = 1_000_000;
  let names = 0;
  const tokens = createAccessTokens({
    now: () => time,
    fetchToken: (fresh) => {
      asked.push(fresh);
      return new Promise((resolve) => waiting.push(resolve));
    },
  });
  return {
    tokens,
    /** Whether each fetch so far asked for a fresh token. */
    asked,
    pass: (ms: number) => (time += ms),
    answer: (result?: TokenResult): AccessToken => {
      names += 1;
      const token = { value: `token-${names}`, expiresAt: time + HOUR_MS };
      waiting.shift()?.(result ?? { ok: true, token });
      return token;
    },
  };
}

async function withToken() {
  const all = controlled();
  const first = all.tokens.get();
  const token = all.answer();
  await first;
  return { ...all, token };
}

describe('access tokens', () => {
  it('are fetched once for all who ask at the same time, and kept', async () => {
    const { tokens, asked, answer } = controlled();
    expect(tokens.expiresAt()).toBeUndefined();
    const all = Promise.all(Array.from({ length: 500 }, () => tokens.get()));
    const token = answer();
    for (const result of await all) expect(result).toEqual({ ok: true, token });
    expect(await tokens.get()).toEqual({ ok: true, token });
    expect(asked).toEqual([false]);
    expect(tokens.expiresAt()).toBe(token.expiresAt);
  });

  it('are replaced five minutes early, and nobody waits for it', async () => {
    const { tokens, asked, answer, pass, token } = await withToken();
    pass(HOUR_MS - EARLY_REFRESH_MS - 1);
    await tokens.get();
    expect(asked).toHaveLength(1);
    pass(1);
    expect(await tokens.get()).toEqual({ ok: true, token });
    expect(await tokens.get()).toEqual({ ok: true, token });
    expect(asked).toHaveLength(2);
    const next = answer();
    await new Promise(setImmediate);
    expect(await tokens.get()).toEqual({ ok: true, token: next });
  });

  it('stay in use while their early replacement fails, until they end', async () => {
    const { tokens, asked, answer, pass, token } = await withToken();
    pass(HOUR_MS - EARLY_REFRESH_MS);
    await tokens.get();
    answer(DOWN);
    await new Promise(setImmediate);
    expect(await tokens.get()).toEqual({ ok: true, token });
    expect(asked).toHaveLength(2);
    pass(10_000);
    expect(await tokens.get()).toEqual({ ok: true, token });
    expect(asked).toHaveLength(3);
    answer(DOWN);
    await new Promise(setImmediate);
    pass(EARLY_REFRESH_MS);
    const ended = tokens.get();
    answer(DOWN);
    expect(await ended).toEqual(DOWN);
  });

  it('with a short life are replaced after half of it', async () => {
    const { tokens, asked, answer, pass } = controlled();
    const first = tokens.get();
    answer({ ok: true, token: { value: 'short', expiresAt: 1_000_000 + 60_000 } });
    await first;
    pass(29_999);
    await tokens.get();
    expect(asked).toHaveLength(1);
    pass(1);
    await tokens.get();
    expect(asked).toHaveLength(2);
  });

  it('that were refused are renewed once, however many pushes were refused', async () => {
    const { tokens, asked, answer, token } = await withToken();
    const early = Array.from({ length: 250 }, () => tokens.renew(token));
    const next = answer();
    for (const result of await Promise.all(early)) expect(result).toEqual({ ok: true, token: next });
    // These were in flight with the old token when the new one came.
    const late = await Promise.all(Array.from({ length: 250 }, () => tokens.renew(token)));
    for (const result of late) expect(result).toEqual({ ok: true, token: next });
    expect(asked).toEqual([false, true]);
  });

  it('ask for a fresh one until there is one', async () => {
    const { tokens, asked, answer, token } = await withToken();
    const renewal = tokens.renew(token);
    answer(DOWN);
    expect(await renewal).toEqual(DOWN);
    expect(tokens.expiresAt()).toBeUndefined();
    const second = tokens.get();
    answer();
    await second;
    expect(asked).toEqual([false, true, true]);
  });
});
