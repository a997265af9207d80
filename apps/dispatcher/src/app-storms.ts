import type { Logger, StormSample } from '@reveille/observability';
import type { Rejected } from '@reveille/provider';
import { appKeyBase, type RedisClient } from '@reveille/queue';
import { createStormBreaker, type RejectionMemory, type SlowLook, type StormEvent } from '@reveille/rejections';
import type { DispatchDeps, RejectionFate } from '@reveille/relay';
import type { DispatcherSettings } from './start-dispatcher';

/** The storm breaker of one queue of an app in this process. */
export interface AppStorms extends Pick<DispatchDeps, 'send' | 'waitInStorm' | 'rememberRejection'> {
  /** None, or the one storm of the queue. */
  samples(): readonly StormSample[];
  close(): void;
}

export interface AppStormsOptions {
  readonly appKey: string;
  /** The queue key: storms are among the devices of one queue of the app. */
  readonly queue: string;
  /** How many queues the app's devices are spread over. */
  readonly partitions: number;
  readonly settings: Pick<DispatcherSettings, 'storm_breaker' | 'rejections' | 'redis'>;
  readonly redis: RedisClient;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly rejections: RejectionMemory;
  readonly send: DispatchDeps['send'];
  /** See settings-fingerprint.ts. */
  readonly fingerprint: () => string;
  readonly logger: Logger;
  readonly onError: (error: Error) => void;
}

/** How often the breaker looks at Redis, in milliseconds: so late does a dispatcher learn of a storm that another one found. */
const TICK_MS = 1000;
/**
 * Devices are spread evenly over the queues of an app, so each needs its share of a storm only; fewer than so many rejections say
 * nothing.
 */
const LEAST_FLOOR = 5;

/** Starts watching the rejections of one queue of an app; `storm_breaker.enabled: false` believes them all. */
export function startAppStorms(options: AppStormsOptions): AppStorms {
  return options.settings.storm_breaker.enabled ? watchedRejections(options) : believedRejections(options);
}

const REMEMBERED: RejectionFate = { kind: 'remembered' };

function believedRejections({ queue, rejections, send }: AppStormsOptions): AppStorms {
  return {
    waitInStorm: () => Promise.resolve(undefined),
    async rememberRejection({ deviceHash }, { diedAt, reason }) {
      await rejections.remember(queue, deviceHash, { diedAt, reason });
      return REMEMBERED;
    },
    send,
    samples: () => [],
    close: () => undefined,
  };
}

function watchedRejections(options: AppStormsOptions): AppStorms {
  const { appKey, queue, partitions, settings, redis, now, send, fingerprint, logger, onError } = options;
  const { storm_breaker: breakerSettings } = settings;
  const floorOf = (floor: number): number => Math.max(Math.ceil(floor / partitions), Math.min(floor, LEAST_FLOOR));
  const breaker = createStormBreaker({
    redis,
    base: appKeyBase(settings.redis.prefix, queue),
    settings: {
      windowMs: breakerSettings.window,
      floor: floorOf(breakerSettings.floor),
      suspectFloor: floorOf(breakerSettings.suspect_floor),
      share: breakerSettings.share,
      suspectShare: breakerSettings.suspect_share,
      factor: breakerSettings.factor,
      slow: slowLook(breakerSettings),
      holdForMs: breakerSettings.hold_for,
      releasePerMinute: Math.ceil(breakerSettings.release_per_minute / partitions),
      retryMs: breakerSettings.retry,
      ttlMs: settings.rejections.ttl,
    },
    fingerprint,
    now,
    random: Math.random,
    onEvent: (event) => logStorm(logger, appKey, event),
  });

  let looking = false;
  const watch = setInterval(() => {
    // While Redis is away its commands wait: one look at a time, or they would all come at once when it is back.
    if (looking) return;
    looking = true;
    breaker
      .tick()
      .catch(onError)
      .finally(() => (looking = false));
  }, TICK_MS);

  return {
    waitInStorm: ({ deviceHash }) => breaker.waitInStorm(deviceHash),
    rememberRejection: ({ deviceHash }, rejection) => breaker.remember(deviceHash, toVerdict(rejection)),
    async send(dispatch) {
      const outcome = await send(dispatch);
      if (outcome.kind === 'delivered') breaker.delivered(dispatch.deviceHash);
      return outcome;
    },
    samples: () => (breaker.current ? [{ app: appKey, held: breaker.current.held }] : []),
    close: () => clearInterval(watch),
  };
}

function slowLook({ slow_floor, slow_share, slow_window }: DispatcherSettings['storm_breaker']): SlowLook | undefined {
  return slow_floor > 0 ? { floor: slow_floor, share: slow_share, windowMs: slow_window } : undefined;
}

function toVerdict({ diedAt, reason, suspect, answer }: Rejected) {
  return { diedAt, reason, suspect, isAnswer: answer !== undefined };
}

/** An operator must learn of it at once, and what to look at. */
function logStorm(logger: Logger, app: string, event: StormEvent): void {
  const { reasons, share, baseline, held, told, probed, acceptedAgain } = event.storm;
  const figures = { app, reasons, held, probed, accepted_again: acceptedAgain };
  switch (event.kind) {
    case 'tripped':
      logger.error(
        { ...figures, share: rounded(share), baseline: rounded(baseline), told_before: told },
        'storm of rejections: they are held, nobody is told. Check topic, platform, key and project of the app; if the ' +
          'rejections are true: reveille storms release APP; if not: reveille storms discard APP',
      );
      return;
    case 'releasing':
      logger.warn(figures, 'storm of rejections: the provider stands by them, they are told little by little');
      return;
    case 'released':
      logger.info(figures, 'storm of rejections ended: they were told');
      return;
    case 'discarded':
      logger.info({ ...figures, why: event.why }, 'storm of rejections ended: they were discarded');
      return;
    default:
      event satisfies never;
  }
}

function rounded(share: number): number {
  return Math.round(share * 1000) / 1000;
}
