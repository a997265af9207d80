import { within, type Logger } from '@reveille/observability';
import type { Dispatch, SendOutcome } from '@reveille/provider';
import type { Faulted } from '@reveille/relay';

export interface GuardOptions {
  readonly appKey: string;
  /** After this long (milliseconds) an attempt is given up, whatever the provider library waits for. */
  readonly timeoutMs: number;
  readonly logger: Logger;
}

const HUNG = { kind: 'faulted', reason: 'hung' } as const;

/**
 * Providers never throw and always end; this is for the day on which one does not. The fault is that of the push at first: a
 * push that does it again and again is set apart, the others go on.
 */
export function guardSend(
  send: (dispatch: Dispatch) => Promise<SendOutcome>,
  { appKey, timeoutMs, logger }: GuardOptions,
): (dispatch: Dispatch) => Promise<SendOutcome | Faulted> {
  return async (dispatch) => {
    const { id, deviceHash } = dispatch;
    try {
      const outcome = await within(send(dispatch), timeoutMs, HUNG);
      if (outcome === HUNG) logger.error({ app: appKey, dispatch_id: id, device_hash: deviceHash }, 'the provider library hangs');
      return outcome;
    } catch (error) {
      logger.error({ app: appKey, dispatch_id: id, device_hash: deviceHash, error }, 'the provider library threw');
      return { kind: 'faulted', reason: 'threw' };
    }
  };
}
