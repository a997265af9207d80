import { PassThrough } from 'node:stream';

import { logOutcome, logRequest } from './log-lines';
import { createLogger, type LogFormat, type Logger, type LogLevel } from './logger';
import { VERSION } from './version';

const PUSHKEY = 'PUSHKEY-that-nobody-may-see';

function capture(
  format: LogFormat = 'json',
  level: LogLevel = 'debug',
): { logger: Logger; text: () => string; lines: () => unknown[] } {
  const stream = new PassThrough();
  const text = (): string => (written += String(stream.read() ?? ''));
  let written = '';
  return {
    logger: createLogger({ role: 'ingress', level, format, stream }),
    text,
    lines: () =>
      text()
        .trim()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
  };
}

describe('createLogger', () => {
  it('writes one JSON object a line, with who wrote it', () => {
    const { logger, text } = capture();
    logger.info({ app: 'com.example.ios' }, 'started');
    logger.warn('bare');
    const base = { role: 'ingress', pid: process.pid, version: VERSION };
    const withoutTime = text()
      .replace(/"time":"\d{4}-\d\d-\d\dT[\d:.]{12}Z",/g, '')
      .trim();
    expect(withoutTime.split('\n').map((line): unknown => JSON.parse(line))).toEqual([
      { level: 'info', ...base, app: 'com.example.ios', msg: 'started' },
      { level: 'warn', ...base, msg: 'bare' },
    ]);
  });

  it('writes nothing below its level', () => {
    const { logger, text } = capture('json', 'warn');
    logger.info({ app: 'x' }, 'no');
    logger.debug('no');
    expect(text()).toBe('');
    expect([logger.enabled('info'), logger.enabled('error')]).toEqual([false, true]);
  });

  it.each(['json', 'pretty'] as const)('tells no secret, not in fields, children or errors (%s)', (format) => {
    const { logger, text } = capture(format);
    const leak = { deep: [{ pushkey: PUSHKEY }], nested: { device: { pushkey: PUSHKEY }, authorization: PUSHKEY } };
    const error = Object.assign(new Error('WRONGTYPE'), {
      command: { args: [PUSHKEY] },
      previousErrors: [{ command: { args: [PUSHKEY] } }],
    });
    const child = logger.child({ job_ref: { data: PUSHKEY } });
    for (const level of ['debug', 'info', 'warn', 'error', 'fatal'] as const) {
      child[level](leak, 'fields');
      child[level]({ error, err: error }, 'error');
    }
    expect(text()).not.toContain(PUSHKEY);
    expect(text().match(/WRONGTYPE/g)).toHaveLength(10);
  });

  it('puts the fields of a child into each of its lines', () => {
    const { logger, lines } = capture();
    logger.child({ request_id: 'r1' }).child({ app: 'a' }).info('x');
    expect(lines()).toEqual([expect.objectContaining({ request_id: 'r1', app: 'a' })]);
  });

  it('is pretty on a terminal and JSON elsewhere', () => {
    const stream = Object.assign(new PassThrough(), { isTTY: true });
    createLogger({ role: 'admin', level: 'info', format: 'auto', stream }).info('hello');
    expect(() => void JSON.parse(String(stream.read()))).toThrow();
    const { logger, lines } = capture('auto');
    logger.info('hello');
    expect(lines()).toEqual([expect.objectContaining({ msg: 'hello' })]);
  });
});

describe('log lines', () => {
  it('has one for a request', () => {
    const { logger, lines } = capture();
    logRequest(logger, {
      requestId: 'r',
      status: 200,
      devices: 2,
      accepted: 1,
      duplicates: 0,
      rejected: 1,
      durationMs: 1.23456,
    });
    logRequest(logger, { requestId: 'r', status: 503, durationMs: 1, reason: 'redis_down' });
    logRequest(logger, { requestId: 'r', durationMs: 1 });
    expect(lines()).toEqual([
      expect.objectContaining({
        level: 'info',
        request_id: 'r',
        status: 200,
        devices: 2,
        accepted: 1,
        duplicates: 0,
        rejected: 1,
        duration_ms: 1.235,
      }),
      expect.objectContaining({ level: 'warn', status: 503, reason: 'redis_down' }),
      expect.objectContaining({ level: 'info', status: 'aborted' }),
    ]);
  });

  it('has one for a dispatch that has ended', () => {
    const { logger, lines } = capture();
    const line = {
      dispatchId: 'd',
      deviceHash: 'h',
      app: 'com.example.*',
      reason: 'PayloadTooLarge',
      attempts: 2,
      sinceAcceptedMs: 12,
    };
    logOutcome(logger, { ...line, outcome: 'dead', answer: { status: 413, reason: 'PayloadTooLarge', latencyMs: 3 } });
    logOutcome(logger, { ...line, outcome: 'superseded', reason: 'superseded' });
    expect(lines()).toEqual([
      expect.objectContaining({
        level: 'warn',
        dispatch_id: 'd',
        device_hash: 'h',
        provider_status: 413,
        provider_ms: 3,
        attempts: 2,
      }),
      expect.objectContaining({ level: 'info', outcome: 'superseded' }),
    ]);
  });
});
