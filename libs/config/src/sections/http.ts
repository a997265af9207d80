import { z } from 'zod';

import { byteSize } from '../byte-size';
import { duration, MAX_TIMER_MS } from '../duration';
import { bindAddresses, count, port, trustProxy } from '../scalars';

/** How many of the longest requests must fit into the budget. */
const MIN_BODIES = 4;

export const http = z
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
    body_budget: byteSize({
      description:
        'Bytes of requests that are held at once, from their first byte to the answer; past it, 429. One sender holds at ' +
        'most as much as it leaves free.',
      min: 1024,
      max: 64 * 1024 ** 3,
    }).prefault('128MiB'),
    concurrency: count(
      'Requests worked on at once. More wait, and the senders take turns.',
      1,
      64,
    ).prefault(64),
    max_in_flight: count(
      'Whole requests that are worked on or wait. Past it the sender with the most of them gets 429.',
      1,
      2000,
    ).prefault(2000),
    max_connections: count(
      'Open connections; more are closed at once. One address has at most four times as many as it leaves free.',
      1,
      10_000,
    ).prefault(10_000),
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
  // A sender holds at most half of the budget: with less, a long request is refused for ever, as if that were load.
  .refine(({ body_budget, body_limit }) => body_budget >= MIN_BODIES * body_limit, {
    path: ['body_budget'],
    message: `must be at least ${MIN_BODIES} times \`body_limit\``,
  })
  .meta({ description: 'The endpoint that homeservers call.' });
