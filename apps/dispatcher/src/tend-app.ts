import { logOutcome, type DispatcherMetrics, type Logger } from '@reveille/observability';
import { settleOverdue, type AppGate, type RedisClient, type SettledDispatch, type SettleOverdueOptions } from '@reveille/queue';

export interface TendOptions {
  readonly appKey: string;
  /** The queue key: which of the app's queues is looked after. */
  readonly queue: string;
  readonly prefix: string;
  readonly redis: RedisClient;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The queue's own. */
  readonly gate: AppGate;
  /** How the whole app is. */
  readonly current: () => AppGate['current'];
  readonly deadLetters: SettleOverdueOptions['deadLetters'];
  readonly metrics: DispatcherMetrics;
  readonly logger: Logger;
  readonly onError: (error: Error) => void;
}

/** How often an app is looked after, in milliseconds: so late does a dispatcher learn that another one stopped it. */
const TICK_MS = 1000;
/** Every so many ticks pushes are ended that no worker will. */
const TICKS_A_SWEEP = 2;

/** Looks after one queue of an app once a second: its gate, and the pushes that no worker ends. Returns how to stop. */
export function tendApp(options: TendOptions): () => void {
  const { appKey, gate, metrics, onError } = options;
  let ticks = 0;
  let isTending = false;
  const tend = async (): Promise<void> => {
    await gate.tick();
    metrics.setGate(appKey, options.current());
    if (ticks++ % TICKS_A_SWEEP === 0) await sweep(options);
  };
  const timer = setInterval(() => {
    // While Redis is away its commands wait: one look at a time, or they would all come at once when it is back.
    if (isTending) return;
    isTending = true;
    tend()
      .catch(onError)
      .finally(() => (isTending = false));
  }, TICK_MS);
  return () => clearInterval(timer);
}

async function sweep(options: TendOptions): Promise<void> {
  for (const one of await settleOverdue({ ...options, appKey: options.queue })) recordSettled(one, options);
}

/** The end of a dispatch that no worker had in its hands. */
export function recordSettled(
  { id, letter, deviceHash, acceptedAt }: SettledDispatch,
  { appKey, now, metrics, logger }: Pick<TendOptions, 'appKey' | 'now' | 'metrics' | 'logger'>,
): void {
  const { outcome, reason } = letter;
  const age = acceptedAt !== undefined && { sinceAcceptedMs: now() - acceptedAt };
  metrics.dispatchEnded(appKey, { outcome, reason, ...age });
  if (reason === 'lost') logger.error({ app: appKey, dispatch_id: id }, 'an accepted push has vanished from the queue');
  logOutcome(logger, { dispatchId: id, ...(deviceHash !== undefined && { deviceHash }), app: appKey, outcome, reason, attempts: 0, ...age });
}
