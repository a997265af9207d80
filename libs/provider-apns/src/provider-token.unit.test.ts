import { createProviderTokens } from './provider-token';

const MINUTE_MS = 60_000;

function setup() {
  let now = 1_790_000_000_000;
  const startedAt = now;
  const tokens = createProviderTokens(() => now);
  return { tokens, startedAt, at: (minutes: number) => (now = startedAt + minutes * MINUTE_MS) };
}

test('uses what the signer offers; it ends an hour after it was first seen', () => {
  const { tokens, startedAt, at } = setup();
  expect(tokens.expiresAt()).toBeUndefined();
  expect(tokens.choose('A')).toBe('A');
  at(10);
  expect(tokens.choose('A')).toBe('A');
  expect(tokens.expiresAt()).toBe(startedAt + 60 * MINUTE_MS);
  at(55);
  expect(tokens.choose('B')).toBe('B');
  expect(tokens.expiresAt()).toBe(startedAt + 115 * MINUTE_MS);
});

test('500 late refusals of one token renew it once', () => {
  const { tokens } = setup();
  tokens.choose('A');
  const verdicts = Array.from({ length: 500 }, () => tokens.expired('A'));
  expect(verdicts.filter((verdict) => verdict === 'renew')).toHaveLength(1);
  tokens.choose('B');
  expect(tokens.expired('A')).toBe('keep');
});

test('a late refusal of a token that was replaced in time does not touch the new one', () => {
  const { tokens, at } = setup();
  tokens.choose('A');
  at(55);
  tokens.choose('B');
  expect(tokens.expired('A')).toBe('keep');
});

test('a new token that is refused as expired too is not replaced before 20 minutes are over', () => {
  const { tokens, at } = setup();
  tokens.choose('A');
  expect(tokens.expired('A')).toBe('renew');
  tokens.choose('B');
  at(19);
  expect(tokens.expired('B')).toBe('keep');
  at(20);
  expect(tokens.expired('B')).toBe('renew');
});

test('TooManyProviderTokenUpdates: back to the accepted one for 20 minutes, then the new one', () => {
  const { tokens, at, startedAt } = setup();
  tokens.choose('A');
  tokens.accepted('A');
  at(30);
  expect(tokens.choose('B')).toBe('B');
  tokens.tooManyUpdates('B');
  expect(tokens.expiresAt()).toBe(startedAt + 60 * MINUTE_MS);
  at(49);
  expect(tokens.choose('B')).toBe('A');
  expect(tokens.choose('C')).toBe('A');
  at(50);
  expect(tokens.choose('C')).toBe('C');
});

test('TooManyProviderTokenUpdates: a token that Apple never took is no way back, nor one that ends', () => {
  const { tokens, at } = setup();
  tokens.choose('A');
  expect(tokens.choose('B')).toBe('B');
  tokens.tooManyUpdates('B');
  expect(tokens.choose('B')).toBe('B');
  expect(tokens.choose('C')).toBe('B');

  const other = setup();
  other.tokens.choose('A');
  other.tokens.accepted('A');
  other.at(45);
  other.tokens.choose('B');
  other.tokens.tooManyUpdates('B');
  other.at(58);
  expect(other.tokens.choose('B')).toBe('A');
  other.at(59);
  expect(other.tokens.choose('B')).toBe('B');
  at(1);
});

test('while updates are too many, an expired token makes way for the one that waits, and nothing is minted', () => {
  const { tokens, at } = setup();
  tokens.choose('A');
  tokens.accepted('A');
  at(30);
  tokens.choose('B');
  tokens.tooManyUpdates('B');
  expect(tokens.choose('B')).toBe('A');
  expect(tokens.expired('A')).toBe('keep');
  expect(tokens.choose('B')).toBe('B');
});

test('an accepted token is at hand once Apple took it, until it is refused as expired or ends', () => {
  const { tokens, at } = setup();
  expect(tokens.hasAccepted()).toBe(false);
  tokens.choose('A');
  expect(tokens.hasAccepted()).toBe(false);
  tokens.accepted('A');
  expect(tokens.hasAccepted()).toBe(true);
  at(30);
  tokens.choose('B');
  expect(tokens.hasAccepted()).toBe(false);
  tokens.tooManyUpdates('B');
  expect(tokens.hasAccepted()).toBe(true);
  at(59);
  expect(tokens.hasAccepted()).toBe(false);

  const other = setup();
  other.tokens.choose('A');
  other.tokens.accepted('A');
  other.tokens.expired('A');
  expect(other.tokens.hasAccepted()).toBe(false);
  // Nor is it a way back from the one that came after it.
  other.tokens.choose('B');
  other.tokens.tooManyUpdates('B');
  expect(other.tokens.choose('B')).toBe('B');
  expect(other.tokens.hasAccepted()).toBe(false);
});

test('a late refusal of an old token as too new changes nothing', () => {
  const { tokens, at } = setup();
  tokens.choose('A');
  tokens.accepted('A');
  at(30);
  tokens.choose('B');
  tokens.tooManyUpdates('A');
  expect(tokens.choose('B')).toBe('B');
});
