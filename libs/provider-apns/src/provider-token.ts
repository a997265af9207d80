/** Apple: a provider token is refused when its `iat` is older than one hour. */
export const TOKEN_LIFETIME_MS = 60 * 60 * 1000;
/** Apple: not renewed more than once in 20 minutes, or 429 TooManyProviderTokenUpdates. */
export const MIN_RENEWAL_MS = 20 * 60 * 1000;
/** A token this close to its end is not worth a try: the request may wait that long for a stream. */
const LIFETIME_MARGIN_MS = 60 * 1000;

/** Whether the signer should mint a new token (`renew`) or stay with what it has (`keep`). */
export type RenewalVerdict = 'renew' | 'keep';

/**
 * Decides which provider token (JWT) a request carries and when a new one may be minted, while hundreds of requests
 * are in flight. apns2 mints at the first send, every 55 minutes and after each ExpiredProviderToken that it hears of:
 * without this, 500 late answers about one expired token would mint one new token each, and Apple would refuse them
 * all.
 */
export interface ProviderTokens {
  /** Which token to send, given the one that the signer would use now. */
  choose(offered: string): string;
  /** Apple took it. */
  accepted(token: string): void;
  /** Apple said ExpiredProviderToken. */
  expired(token: string): RenewalVerdict;
  /** Apple said TooManyProviderTokenUpdates: back to the one before, and no new one for MIN_RENEWAL_MS. */
  tooManyUpdates(token: string): void;
  /** Whether pushes can go on meanwhile: the token in use has passed at Apple and has not ended. */
  hasAccepted(): boolean;
  /** When the token in use ends, in milliseconds since the epoch; undefined before the first send. */
  expiresAt(): number | undefined;
}

interface Token {
  readonly value: string;
  readonly mintedAt: number;
  isAccepted: boolean;
}

export function createProviderTokens(now: () => number): ProviderTokens {
  let current: Token | undefined;
  let previous: Token | undefined;
  let lastOffered: Token | undefined;
  let heldUntil = 0;
  let lastForcedAt = Number.NEGATIVE_INFINITY;

  const isUsable = (token: Token): boolean => now() - token.mintedAt < TOKEN_LIFETIME_MS - LIFETIME_MARGIN_MS;

  return {
    choose(offered) {
      if (lastOffered?.value !== offered) lastOffered = { value: offered, mintedAt: now(), isAccepted: false };
      const isHeld = now() < heldUntil && current !== undefined && isUsable(current);
      if (current && (isHeld || current.value === offered)) return current.value;
      previous = current;
      current = lastOffered;
      return current.value;
    },

    accepted(token) {
      if (current?.value === token) current.isAccepted = true;
    },

    expired(token) {
      // A late answer about a token that has been replaced already says nothing about the new one.
      if (current?.value !== token) return 'keep';
      current.isAccepted = false;
      // A newer one waits behind a hold: that one is next, hold or not.
      if (lastOffered && lastOffered !== current) {
        heldUntil = 0;
        return 'keep';
      }
      // One new token did not help within 20 minutes, so another would not either: our clock or key is wrong.
      if (now() < heldUntil || now() - lastForcedAt < MIN_RENEWAL_MS) return 'keep';
      lastForcedAt = now();
      return 'renew';
    },

    tooManyUpdates(token) {
      if (current?.value !== token) return;
      heldUntil = now() + MIN_RENEWAL_MS;
      if (previous?.isAccepted && isUsable(previous)) current = previous;
    },

    hasAccepted: () => current?.isAccepted === true && isUsable(current),
    expiresAt: () => current && current.mintedAt + TOKEN_LIFETIME_MS,
  };
}
