import { createServer } from 'node:http';
import { createSecureServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { createHistogram, performance } from 'node:perf_hooks';
import { listenOnLoopback } from './listen-on-loopback';
import { pushCallSchema, pushServerArgumentsSchema, type PushCall, type PushSample, type PushStats } from './push-protocol';
import { serveCalls } from './serve-calls';
import { monotonicUs, stampOfPath } from './stamp';

/**
 * APNs and FCM as cheap as they can be: every push is accepted after a fixed time, nothing is checked or kept. The
 * simulator, which does both, costs a quarter more a push (90-96 us against 70-80 us in the same hour).
 *
 * Argument: PushServerArguments as JSON.
 */
const MAX_CONCURRENT_STREAMS = 1000;
const APNS_PATH = '/3/device/';
const FCM_ANSWER = '{"name":"projects/bench/messages/0:1700000000000000%0000000000000000"}';
const TOKEN_ANSWER = '{"access_token":"bench-access-token","token_type":"Bearer","expires_in":3599}';

const US_PER_MS = 1000;

const { certificate, key, ...given } = pushServerArgumentsSchema.parse(JSON.parse(process.argv[2] ?? '{}'));

let latencyMs = given.latencyMs;
let answered = 0;
let underWay = 0;
let mostUnderWay = 0;
let sessions = 0;
let latest: { headers: IncomingHttpHeaders; body: Buffer } | undefined;
let isSampleWanted = true;
const agesUs = createHistogram();
let firstAgeUs: number | undefined;

function noteAge(path: string | undefined): void {
  if (!path?.startsWith(APNS_PATH)) return;
  const stamp = stampOfPath(path);
  if (stamp === undefined) return;
  const age = Math.max(1, monotonicUs() - stamp);
  firstAgeUs ??= age;
  agesUs.record(age);
}

function answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  if (stream.destroyed) return;
  answered += 1;
  if (headers[':path']?.startsWith(APNS_PATH)) {
    stream.respond({ ':status': 200, 'apns-id': headers['apns-id'] }, { endStream: true });
    return;
  }
  stream.respond({ ':status': 200, 'content-type': 'application/json; charset=UTF-8' });
  stream.end(FCM_ANSWER);
}

const server = createSecureServer({
  cert: certificate,
  key,
  settings: { maxConcurrentStreams: MAX_CONCURRENT_STREAMS },
});
server.on('session', (session) => {
  sessions += 1;
  session.once('close', () => (sessions -= 1));
});
server.on('stream', (stream, headers) => {
  noteAge(headers[':path']);
  underWay += 1;
  if (underWay > mostUnderWay) mostUnderWay = underWay;
  stream.on('error', () => undefined); // reset by the client, or the connection ended
  stream.on('close', () => (underWay -= 1));
  stream.on('end', () => {
    if (latencyMs === 0) answer(stream, headers);
    else setTimeout(answer, latencyMs, stream, headers);
  });
  if (isSampleWanted) {
    isSampleWanted = false;
    keepSample(stream, headers);
  } else {
    stream.resume();
  }
});

function keepSample(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => (latest = { headers, body: Buffer.concat(chunks) }));
}

function stats(call: PushCall): PushStats {
  const seen: PushStats = {
    answered,
    at: performance.now(),
    inFlight: mostUnderWay,
    sessions,
    ages: {
      count: agesUs.count,
      first: (firstAgeUs ?? 0) / US_PER_MS,
      p50: agesUs.percentile(50) / US_PER_MS,
      p99: agesUs.percentile(99) / US_PER_MS,
      max: firstAgeUs === undefined ? 0 : agesUs.max / US_PER_MS,
    },
    ...(latest && { sample: toSample(latest) }),
  };
  mostUnderWay = underWay;
  isSampleWanted = true;
  latencyMs = call.latencyMs ?? latencyMs;
  if (call.forgetAges) {
    agesUs.reset();
    firstAgeUs = undefined;
  }
  return seen;
}

function toSample({ headers, body }: { headers: IncomingHttpHeaders; body: Buffer }): PushSample {
  const plain = Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []));
  const pairs = Object.fromEntries(plain) as Record<string, string>; // pairs of strings, as the line above leaves them
  return { headers: pairs, body: body.toString('utf8') };
}

const tokens = createServer((request, response) => {
  request.resume().once('end', () => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': TOKEN_ANSWER.length });
    response.end(TOKEN_ANSWER);
  });
});

void Promise.all([listenOnLoopback(server), listenOnLoopback(tokens)]).then(([pushPort, tokenPort]) => {
  const facts = { pushUrl: `https://127.0.0.1:${pushPort}`, tokenUrl: `http://127.0.0.1:${tokenPort}/token` };
  serveCalls(facts, (call) => stats(pushCallSchema.parse(call)));
});
