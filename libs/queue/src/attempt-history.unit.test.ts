import fc from 'fast-check';
import { decodeEnd, describeEnd, encodeEnd, historyEntry, readHistory, withLastAnswer } from './attempt-history';

const answer = fc.record({ status: fc.integer({ min: 100, max: 599 }), reason: fc.string({ unit: 'binary' }) }, { requiredKeys: ['reason'] });
const moment = fc.nat();

it('reads a history as it was written', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(moment, fc.string(), fc.option(answer, { nil: undefined }))), (attempts) => {
      const read = readHistory(JSON.stringify(attempts.map((attempt) => historyEntry(...attempt))));
      expect(read.map(({ at, reason, status, provider_reason }) => ({ at, reason, status, provider_reason }))).toEqual(
        attempts.map(([at, reason, said]) => ({ at, reason, status: said?.status, provider_reason: said?.reason })),
      );
    }),
  );
});

it('reads an end as it was written', () => {
  const end = fc.record(
    { outcome: fc.string(), reason: fc.string(), endedAt: moment, attempts: fc.nat(), answer },
    { requiredKeys: ['outcome', 'reason', 'endedAt', 'attempts'] },
  );
  fc.assert(fc.property(end, (one) => expect(decodeEnd(encodeEnd(one))).toEqual(one)));
});

it('leaves out what is not ours, whatever it is', () => {
  expect(readHistory(undefined)).toEqual([]);
  expect(readHistory('["Error: at x", "{}", "{\\"at\\":1,\\"reason\\":\\"503\\",\\"more\\":1}"]')).toEqual([{ at: 1, reason: '503' }]);
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(Array.isArray(readHistory(text))).toBe(true);
      decodeEnd(text);
    }),
  );
});

it('remembers what ends a push, and nothing else', () => {
  const at = { attempts: 2, now: 5, stacktrace: JSON.stringify([historyEntry(1, 'http', { status: 503, reason: 'busy' })]) };
  expect(describeEnd({ kind: 'retry', delayMs: 1, reason: '503' }, at)).toBeUndefined();
  expect(describeEnd({ kind: 'put-back' }, at)).toBeUndefined();
  expect(describeEnd({ kind: 'fault', reason: 'threw' }, at)).toBeUndefined();
  const dead = describeEnd({ kind: 'dead', letter: { outcome: 'dead', reason: 'r', provider_status: 400, provider_reason: 'BadTopic' } }, at) ?? '';
  expect(decodeEnd(dead)).toEqual({ outcome: 'dead', reason: 'r', endedAt: 5, attempts: 2, answer: { status: 400, reason: 'BadTopic' } });
  const expired = describeEnd({ kind: 'dead', letter: { outcome: 'expired', reason: 'deadline' } }, at) ?? '';
  expect(decodeEnd(expired)).toMatchObject({ outcome: 'expired', answer: { status: 503, reason: 'busy' } });
  const done = describeEnd({ kind: 'done', end: 'delivered', answer: { status: 200, reason: 'Success' } }, at) ?? '';
  expect(decodeEnd(done)).toEqual({ outcome: 'delivered', reason: '', endedAt: 5, attempts: 2, answer: { status: 200, reason: 'Success' } });
});

it('adds the last answer to the letter of an expired push that has none', () => {
  const history = [historyEntry(1, 'a', { status: 500, reason: 'old' }), historyEntry(2, 'b', { reason: 'timeout' }), historyEntry(3, 'c')];
  const stacktrace = JSON.stringify(history);
  const expired = { outcome: 'expired', reason: 'deadline' } as const;
  expect(withLastAnswer(expired, stacktrace)).toEqual({ ...expired, provider_reason: 'timeout' });
  expect(withLastAnswer(expired, JSON.stringify(history.slice(0, 1)))).toEqual({ ...expired, provider_status: 500, provider_reason: 'old' });
  expect(withLastAnswer(expired, undefined)).toEqual(expired);
  const said = { ...expired, provider_reason: 'own' };
  expect(withLastAnswer(said, stacktrace)).toBe(said);
  const dead = { outcome: 'dead', reason: 'poison' } as const;
  expect(withLastAnswer(dead, stacktrace)).toBe(dead);
});
