import { connect, type Socket } from 'node:net';
import { createHistogram, monitorEventLoopDelay, performance, type RecordableHistogram } from 'node:perf_hooks';
import { AnswerReader } from './answer-reader';
import { LoadPace } from './load-pace';
import { loadRequestSchema, type LoadRequest, type LoadResult } from './load-protocol';
import { RequestTemplate } from './request-template';
import { serveCalls } from './serve-calls';
import { monotonicUs } from './stamp';

const OK = 200;
const LOOP_DELAY_RESOLUTION_MS = 5;
const NS_PER_MS = 1e6;
const US_PER_MS = 1000;
/** Below this a latency cannot be recorded. */
const MIN_LATENCY_US = 1;

/** Grows over all runs of this process, so that no two requests ever share an event or a pushkey. */
let lastSerial = 0;

function nextSerial(): number {
  lastSerial = Math.max(lastSerial + 1, monotonicUs());
  return lastSerial;
}

interface Run {
  readonly request: LoadRequest;
  readonly pace: LoadPace;
  readonly latencyUs: RecordableHistogram;
  acknowledged: number;
  readonly refused: Record<string, number>;
}

/** One keep-alive connection: a request, its answer, the next request, as the pace wants them. Rejects when it breaks. */
function keepBusy(run: Run, socket: Socket): Promise<never> {
  const template = new RequestTemplate(new URL(run.request.url), run.request.body);
  const reader = new AnswerReader();
  let since = 0;
  return new Promise((_, reject) => {
    const begin = (dueAt: number): void => {
      since = dueAt;
      socket.write(template.withSerial(nextSerial()));
    };
    socket.on('data', (chunk) => {
      const status = reader.read(chunk);
      if (status === undefined) return;
      run.latencyUs.record(Math.max(MIN_LATENCY_US, Math.round((performance.now() - since) * US_PER_MS)));
      if (status === OK) run.acknowledged += 1;
      else run.refused[status] = (run.refused[status] ?? 0) + 1;
      run.pace.take(begin);
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the server closed a connection')));
    run.pace.take(begin);
  });
}

function open({ url, from }: LoadRequest): Promise<Socket> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true, ...(from !== undefined && { localAddress: from }) });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

async function load(request: LoadRequest): Promise<LoadResult> {
  const { connections, perSecond, count = Infinity } = request;
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(request)));
  const delay = monitorEventLoopDelay({ resolution: LOOP_DELAY_RESOLUTION_MS });
  delay.enable();
  const loopBefore = performance.eventLoopUtilization();
  const startedAt = performance.now();
  const pace = new LoadPace({ perSecond, count, connections });
  const run: Run = { request, pace, latencyUs: createHistogram(), acknowledged: 0, refused: {} };
  const timer = request.seconds && setTimeout(() => pace.end(), request.seconds * 1000);
  await Promise.race([pace.done, ...sockets.map((socket) => keepBusy(run, socket))]);
  const seconds = (performance.now() - startedAt) / 1000;
  clearTimeout(timer);
  delay.disable();
  const loop = performance.eventLoopUtilization(loopBefore);
  for (const socket of sockets) socket.destroy();
  const percentile = (percent: number): number => run.latencyUs.percentile(percent) / US_PER_MS;
  return {
    acknowledged: run.acknowledged,
    refused: run.refused,
    seconds,
    unsent: pace.unsent,
    latencyMs: { p50: percentile(50), p99: percentile(99), p999: percentile(99.9) },
    loopUtilization: loop.utilization,
    loopDelayP99Ms: Math.max(0, delay.percentile(99) / NS_PER_MS - LOOP_DELAY_RESOLUTION_MS),
  };
}

serveCalls({}, (request) => load(loadRequestSchema.parse(request)));
