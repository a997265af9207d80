import { connect, type Socket } from 'node:net';
import { createHistogram, monitorEventLoopDelay, performance, type RecordableHistogram } from 'node:perf_hooks';
import { AnswerReader } from './answer-reader';
import { loadRequestSchema, type LoadRequest, type LoadResult } from './load-protocol';
import { RequestTemplate } from './request-template';
import { serveCalls } from './serve-calls';

const OK = 200;
const LOOP_DELAY_RESOLUTION_MS = 5;
const NS_PER_MS = 1e6;
const US_PER_MS = 1000;
/** Below this a latency cannot be recorded. */
const MIN_LATENCY_US = 1;

/** Grows over all runs of this process, so that no two requests ever share an event or a pushkey. */
let lastSerial = 0;

interface Run {
  readonly request: LoadRequest;
  readonly latencyUs: RecordableHistogram;
  /** Requests that may still be begun. */
  left: number;
  isOver: boolean;
  acknowledged: number;
  readonly refused: Record<string, number>;
}

/** One keep-alive connection: a request, its answer, the next request, until the run is over. Resolves then. */
function keepBusy(run: Run, socket: Socket): Promise<void> {
  const template = new RequestTemplate(new URL(run.request.url), run.request.body);
  const reader = new AnswerReader();
  let sentAt = 0;
  return new Promise((resolve, reject) => {
    const next = (): void => {
      if (run.isOver || run.left === 0) {
        resolve();
        return;
      }
      run.left -= 1;
      lastSerial += 1;
      sentAt = performance.now();
      socket.write(template.withSerial(lastSerial));
    };
    socket.on('data', (chunk) => {
      const status = reader.read(chunk);
      if (status === undefined) return;
      run.latencyUs.record(Math.max(MIN_LATENCY_US, Math.round((performance.now() - sentAt) * US_PER_MS)));
      if (status === OK) run.acknowledged += 1;
      else run.refused[status] = (run.refused[status] ?? 0) + 1;
      next();
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the server closed a connection')));
    next();
  });
}

function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

async function load(request: LoadRequest): Promise<LoadResult> {
  const run: Run = {
    request,
    latencyUs: createHistogram(),
    left: request.count ?? Infinity,
    isOver: false,
    acknowledged: 0,
    refused: {},
  };
  const sockets = await Promise.all(Array.from({ length: request.connections }, () => open(request.url)));
  const delay = monitorEventLoopDelay({ resolution: LOOP_DELAY_RESOLUTION_MS });
  delay.enable();
  const loopBefore = performance.eventLoopUtilization();
  const startedAt = performance.now();
  const timer = request.seconds && setTimeout(() => (run.isOver = true), request.seconds * 1000);
  await Promise.all(sockets.map((socket) => keepBusy(run, socket)));
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
    latencyMs: { p50: percentile(50), p99: percentile(99), p999: percentile(99.9) },
    loopUtilization: loop.utilization,
    loopDelayP99Ms: Math.max(0, delay.percentile(99) / NS_PER_MS - LOOP_DELAY_RESOLUTION_MS),
  };
}

serveCalls({}, (request) => load(loadRequestSchema.parse(request)));
