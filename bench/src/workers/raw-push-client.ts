import { randomUUID } from 'node:crypto';
import { connect, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import { rawClientArgumentsSchema } from './push-protocol';
import { serveCalls } from './serve-calls';

/**
 * The limit of the dispatcher: one session of node:http2 that sends pushes of the same bytes with as many in flight,
 * and does nothing else. No queue, no payload to build, no outcome, no deadline.
 *
 * Argument: RawClientArguments as JSON.
 */
const { url, ca, sample, inFlight } = rawClientArgumentsSchema.parse(JSON.parse(process.argv[2] ?? '{}'));

const APNS_TOKEN = /^\/3\/device\/([0-9a-f]+)$/;
const tokenLength = APNS_TOKEN.exec(sample.headers[':path'] ?? '')?.[1]?.length;
const body = Buffer.from(sample.body, 'utf8');
const { ':scheme': _scheme, ':authority': _authority, ...common } = sample.headers;
let serial = 0;

/** What differs from push to push in the product's requests differs here too: headers compress by what repeats. */
function nextHeaders(): OutgoingHttpHeaders {
  if (tokenLength === undefined) return common;
  serial += 1;
  const unique = (length: number): string => serial.toString(16).padStart(length, '0');
  return {
    ...common,
    ':path': `/3/device/${unique(tokenLength)}`,
    'apns-id': randomUUID(),
    'apns-collapse-id': unique(common['apns-collapse-id']?.length ?? 0),
  };
}

function send(session: ClientHttp2Session): void {
  const stream = session.request(nextHeaders());
  // The status is looked at, as any client must.
  stream.on('response', (headers) => {
    if (headers[':status'] !== 200) fail(`a push was answered ${headers[':status']}`);
  });
  stream.on('error', (error: Error) => fail(error.message));
  stream.on('close', () => send(session));
  stream.resume();
  stream.end(body);
}

function fail(reason: string): void {
  process.stderr.write(`raw-push-client: ${reason}\n`);
  process.exit(1);
}

const session = connect(url, { ca });
session.on('error', (error: Error) => fail(error.message));
// Not before the server has said how many streams it takes.
session.once('remoteSettings', () => {
  for (let count = 0; count < inFlight; count += 1) send(session);
  serveCalls({}, () => null);
});
