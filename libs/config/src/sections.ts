import { z } from 'zod';

import { byteSize } from './byte-size';
import { duration, MAX_TIMER_MS } from './duration';
import { bindAddress, bindAddresses, count, filePath, port, proxyUrl, redisUrl, text, trustProxy } from './scalars';

/** Far above what one HTTP/2 session carries; a larger number is a typing mistake. */
export const MAX_CONCURRENCY = 100_000;
/** Characters. A shorter key of the pushkey hashes could be found by trying. */
const MIN_HASH_KEY_LENGTH = 16;

const http = z
  .strictObject({
    bind_addresses: bindAddresses(
      'Where ingress listens. Behind a load balancer on other hosts: `0.0.0.0` or `::`.',
    ).prefault(['127.0.0.1']),
    port: port('Port of ingress; 0 = any free one, printed at start.').prefault(5000),
    trust_proxy: trustProxy(
      'Whose `X-Forwarded-For` is believed: nobody (`false`), the last N hops (a number), or these addresses.',
    ).prefault(false),
    body_limit: byteSize({
      description: 'A longer request is answered 413.',
      min: 1024,
      max: 64 * 1024 ** 2,
    }).prefault('512KiB'),
    request_timeout: duration({ description: 'For a whole request to arrive.', max: MAX_TIMER_MS }).prefault('30s'),
    headers_timeout: duration({
      description: 'For the headers of a request to arrive.',
      max: MAX_TIMER_MS,
    }).prefault('10s'),
    keep_alive_timeout: duration({
      description: "How long an idle connection stays open; longer than the load balancer's own (nginx, AWS: 60 s).",
      max: MAX_TIMER_MS,
    }).prefault('75s'),
    shutdown_grace: duration({
      description: 'At SIGTERM: for requests under way to end.',
      min: 0,
      max: MAX_TIMER_MS,
    }).prefault('25s'),
  })
  // node:http refuses the other order with an error that names no setting.
  .refine(({ headers_timeout, request_timeout }) => headers_timeout <= request_timeout, {
    path: ['headers_timeout'],
    message: 'must not be longer than `request_timeout`',
  })
  .meta({ description: 'The endpoint that homeservers call.' });

const admin = z
  .strictObject({
    bind_address: bindAddress('Where the admin listens.').prefault('127.0.0.1'),
    port: port('Port of the admin.').prefault(5001),
  })
  .meta({ description: 'Queues and failed pushes, for operators.' });

const metrics = z
  .strictObject({
    bind_address: bindAddress('Where every role serves its Prometheus metrics.').prefault('127.0.0.1'),
    ports: z
      .strictObject({
        ingress: port('Metrics of ingress.').prefault(5002),
        dispatcher: port('Metrics and health of the dispatcher.').prefault(5003),
        admin: port('Metrics of the admin.').prefault(5004),
      })
      .prefault({}),
  })
  .meta({ description: 'Prometheus metrics, on a port of its own for each role.' });

const redis = z
  .strictObject({
    url: redisUrl(
      'Redis or Valkey. Absent: an embedded server, started by `reveille serve`. `REDIS_URL` sets it too.',
    ).optional(),
    url_file: filePath('A file that holds the URL.', '/run/secrets/redis-url').optional(),
    username: text('ACL user, if the URL names none.', { example: 'reveille' }).optional(),
    password: text('Password, if the URL holds none.', { example: "'in quotes'", secret: true }).optional(),
    password_file: filePath('A file that holds the password.', '/run/secrets/redis-password').optional(),
    prefix: text('Start of every key, so that several installations can share a server.', { example: 'reveille' })
      // Braces would change the hash tags that spread the queues over a cluster.
      .regex(/^[A-Za-z0-9_.-]+$/, 'must consist of letters, digits, `_`, `-` and `.`')
      .prefault('reveille'),
    data_directory: filePath('Where the embedded server keeps its append-only file.', './data').prefault('./data'),
  })
  .meta({
    description: 'Where accepted pushes wait. The server needs `maxmemory-policy noeviction` and `appendonly yes`.',
  });

const log = z
  .strictObject({
    level: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
      .meta({ description: 'The least important line that is written.', example: 'info' })
      .prefault('info'),
    format: z
      .enum(['auto', 'json', 'pretty'])
      .meta({ description: '`auto`: `pretty` on a terminal, else `json`.', example: 'auto' })
      .prefault('auto'),
  })
  .meta({ description: 'Log lines on standard output.' });

const dedupe = z
  .strictObject({
    window: duration({
      description:
        "How long a device's event is remembered, so that a homeserver's repeat is not pushed twice. " +
        'Costs Redis memory for each push accepted in it.',
    }).prefault('1h'),
  })
  .meta({ description: 'Suppression of duplicates.' });

/** The keys of `max_age`, for all apps and for one. */
export const maxAgeShape = {
  event: duration({ description: 'An event.' }),
  call: duration({
    description: 'A ringing call; its own `lifetime` comes first, up to the longer of this and `max_age.event`.',
  }),
  counts: duration({ description: 'An update of the unread counts.' }),
};

const maxAge = z
  .strictObject({
    event: maxAgeShape.event.prefault('1h'),
    call: maxAgeShape.call.prefault('60s'),
    counts: maxAgeShape.counts.prefault('10m'),
  })
  .meta({
    description:
      'How long after its acceptance a push is still worth sending; retries end there. An app may set its own.',
  });

const rejections = z
  .strictObject({
    ttl: duration({ description: 'How long a dead pushkey is remembered and told.' }).prefault('30d'),
  })
  .meta({ description: 'The memory of dead pushkeys.' });

const retry = z
  .strictObject({
    base: duration({ description: 'The first delay; it doubles with each attempt, with full jitter.' }).prefault('1s'),
    cap: duration({ description: 'The longest delay.' }).prefault('5m'),
  })
  .refine(({ base, cap }) => base <= cap, { path: ['cap'], message: 'must not be shorter than `base`' })
  .meta({ description: "Delays between attempts; the provider's `Retry-After` is a floor." });

const deadLetters = z
  .strictObject({
    max_age: duration({ description: 'How long a push that failed for good is kept for replay.' }).prefault('7d'),
    max_count: count('How many are kept for each app.', 0, 100_000).prefault(100_000),
  })
  .meta({ description: 'Pushes that failed for good.' });

const dispatcher = z
  .strictObject({
    concurrency: count('Pushes in flight for each app and dispatcher process, unless the app sets its own.', 1, 200)
      .max(MAX_CONCURRENCY)
      .prefault(200),
    shutdown_grace: duration({
      description: 'At SIGTERM: for pushes in flight to end; the rest goes back to the queue.',
      min: 0,
      max: MAX_TIMER_MS,
    }).prefault('25s'),
    request_timeout: duration({
      description: "For a provider's answer to one push.",
      max: MAX_TIMER_MS,
    }).prefault('30s'),
  })
  .meta({ description: 'The workers that call the providers.' });

/** `queue_limit.count`, for all apps and for one. */
export const queueLimitCount = count(
  'Pushes of one app that may wait; past it homeservers get 503 for that app and keep the event.',
  1,
  1_000_000,
);

const queueLimit = z
  .strictObject({ count: queueLimitCount.prefault(1_000_000) })
  .meta({ description: 'Backpressure. An app may set its own.' });

const privacy = z
  .strictObject({
    hash_key: text('Key of the hashes that stand for pushkeys in Redis, logs and metrics; one for all processes.', {
      example: 'the output of: openssl rand -hex 32',
      secret: true,
      minLength: MIN_HASH_KEY_LENGTH,
    })
      .optional(),
    hash_key_file: filePath('A file that holds the key.', '/run/secrets/reveille-hash-key').optional(),
  })
  .meta({ description: 'What stands for a pushkey where the pushkey itself must not be seen.' });

/** Everything in the file but `apps`. Every key has a working default. */
export const sectionShape = {
  http: http.prefault({}),
  admin: admin.prefault({}),
  metrics: metrics.prefault({}),
  redis: redis.prefault({}),
  log: log.prefault({}),
  dedupe: dedupe.prefault({}),
  max_age: maxAge.prefault({}),
  rejections: rejections.prefault({}),
  retry: retry.prefault({}),
  dead_letters: deadLetters.prefault({}),
  dispatcher: dispatcher.prefault({}),
  queue_limit: queueLimit.prefault({}),
  unknown_app: z
    .enum(['reject', 'accept'])
    .meta({
      description:
        'A pushkey whose app_id matches no app, or several globs: `reject` it (its pusher is deleted), ' +
        'or `accept` and drop.',
      example: 'reject',
    })
    .prefault('reject'),
  proxy: proxyUrl(
    'HTTP proxy to the providers; `none`: never. Absent: `HTTPS_PROXY` and `NO_PROXY` of the environment. ' +
      'An app may set its own.',
  ).optional(),
  privacy: privacy.prefault({}),
};
