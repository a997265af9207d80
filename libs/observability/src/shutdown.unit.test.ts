import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';

import { createLogger } from './logger';
import { announceReady, onFatalError, onShutdown, type ShutdownReason } from './shutdown';

/** A process that notes its exit codes instead of ending. */
class RecordingProcess extends EventEmitter {
  readonly codes: number[] = [];
  readonly exited: Promise<number>;
  private noteFirst: (code: number) => void = () => undefined;

  constructor() {
    super();
    this.exited = new Promise((resolve) => {
      this.noteFirst = resolve;
    });
  }

  exit(code: number): void {
    this.codes.push(code);
    this.noteFirst(code);
  }
}

interface Setup {
  readonly proc: RecordingProcess;
  readonly reasons: ShutdownReason[];
  readonly advance: (ms: number) => void;
  readonly log: () => string;
}

function setUp(stop: () => Promise<void>, graceMs = 1_000): Setup {
  const stream = new PassThrough();
  const proc = new RecordingProcess();
  const reasons: ShutdownReason[] = [];
  let now = 0;
  onShutdown({
    logger: createLogger({ role: 'test', level: 'debug', format: 'json', stream }),
    graceMs,
    stop: (reason) => {
      reasons.push(reason);
      return stop();
    },
    process: proc,
    now: () => now,
  });
  return { proc, reasons, advance: (ms) => (now += ms), log: () => String(stream.read()) };
}

const never = (): Promise<void> => new Promise(() => undefined);

describe('onShutdown', () => {
  it.each(['SIGTERM', 'SIGINT', 'disconnect'] as const)('%s stops once and exits with 0', async (reason) => {
    const { proc, reasons } = setUp(() => Promise.resolve());
    proc.emit(reason);
    await expect(proc.exited).resolves.toBe(0);
    expect(reasons).toEqual([reason]);
  });

  it('exits with 1 when stopping fails, and logs why', async () => {
    const { proc, log } = setUp(() => Promise.reject(Object.assign(new Error('x'), { code: 'EFAIL' })));
    proc.emit('SIGTERM');
    await expect(proc.exited).resolves.toBe(1);
    expect(log()).toContain('EFAIL');
  });

  it('exits with 1 when stopping takes longer than the grace', async () => {
    const { proc } = setUp(never, 5);
    proc.emit('SIGTERM');
    await expect(proc.exited).resolves.toBe(1);
  });

  it.each([
    ['SIGTERM', 'SIGTERM', 143],
    ['disconnect', 'SIGTERM', 143],
    ['disconnect', 'SIGINT', 130],
  ] as const)('%s, then %s at once: exits with %i', (first, second, code) => {
    const { proc, reasons } = setUp(never);
    proc.emit(first);
    proc.emit(second);
    expect(proc.codes).toEqual([code]);
    expect(reasons).toHaveLength(1);
  });

  it('takes the echo of a Ctrl-C for what it is, and a second Ctrl-C for a second', () => {
    const { proc, advance } = setUp(never);
    proc.emit('SIGINT');
    proc.emit('SIGINT'); // npm passes it on
    advance(299);
    proc.emit('SIGTERM'); // and so does the supervisor
    expect(proc.codes).toEqual([]);
    advance(1);
    proc.emit('SIGINT');
    expect(proc.codes).toEqual([130]);
  });

  it('finishes in peace when the supervisor goes away meanwhile', () => {
    const { proc, reasons } = setUp(never);
    proc.emit('SIGTERM');
    proc.emit('disconnect');
    expect([proc.codes, reasons]).toEqual([[], ['SIGTERM']]);
  });

  it('takes its listeners off again', () => {
    const proc = new RecordingProcess();
    const logger = createLogger({ role: 'test', level: 'silent', format: 'json', stream: new PassThrough() });
    const off = [
      onShutdown({ logger, graceMs: 1, stop: never, process: proc }),
      onFatalError({ logger, process: proc }),
    ];
    expect(proc.eventNames()).toHaveLength(5);
    off.forEach((each) => each());
    expect(proc.eventNames()).toEqual([]);
  });
});

describe('onFatalError', () => {
  it.each(['uncaughtException', 'unhandledRejection'])('%s: logs without what it carries and exits with 1', (event) => {
    const stream = new PassThrough();
    const proc = new RecordingProcess();
    onFatalError({ logger: createLogger({ role: 'test', level: 'debug', format: 'json', stream }), process: proc });
    const error = Object.assign(new TypeError('x is not a function'), { job: { data: 'SECRET' } });
    proc.emit(event, error);
    proc.emit(event, 'SECRET');
    const text = String(stream.read());
    expect(proc.codes).toEqual([1, 1]);
    expect(text).toContain('x is not a function');
    expect(text).toContain('a thrown string');
    expect(text).not.toContain('SECRET');
  });
});

describe('announceReady', () => {
  it('tells the supervisor, if there is one', () => {
    const sent: unknown[] = [];
    announceReady({ metrics: 'http://127.0.0.1:1' }, (value: unknown) => sent.push(value) > 0);
    expect(sent).toEqual([{ type: 'ready', urls: { metrics: 'http://127.0.0.1:1' } }]);
    expect(() => announceReady({}, undefined)).not.toThrow();
  });
});
