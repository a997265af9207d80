import { z } from 'zod';

import { bindAddress, port } from '../scalars';

export const metrics = z
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

export const log = z
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
