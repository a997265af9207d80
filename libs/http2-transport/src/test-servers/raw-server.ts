import { createServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { TestCertificate } from './certificate';
import { listen, portOf } from './listen';

/** Frame types and flags of RFC 9113, section 6, as far as the tests need them. */
export const FRAME = { data: 0, headers: 1, rstStream: 3, settings: 4, ping: 6, goaway: 7, windowUpdate: 8 } as const;
export const FLAG = { ack: 1, endStream: 1, endHeaders: 4 } as const;

const PREFACE_BYTES = 24;
const FRAME_HEADER_BYTES = 9;

/** `:status: 200` in HPACK's static table. */
const STATUS_200 = Buffer.from([0x88]);

export interface RawFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

/** One connection to a server that speaks bare frames, so that it can do what node:http2 would not. */
export interface RawConnection {
  readonly socket: TLSSocket;
  readonly frames: RawFrame[];
  write(...frames: Buffer[]): void;
}

export interface RawServer {
  readonly origin: string;
  readonly connections: RawConnection[];
  close(): Promise<void>;
}

/** `onFrame` sees every frame of the client; nothing is answered by itself but what the test sends. */
export async function startRawServer(
  certificate: TestCertificate,
  onConnection: (connection: RawConnection) => void,
  onFrame: (frame: RawFrame, connection: RawConnection) => void = () => undefined,
): Promise<RawServer> {
  const connections: RawConnection[] = [];
  const server = createServer({ cert: certificate.cert, key: certificate.key, ALPNProtocols: ['h2'] }, (socket) => {
    const connection: RawConnection = { socket, frames: [], write: (...frames) => socket.write(Buffer.concat(frames)) };
    connections.push(connection);
    socket.on('error', () => undefined);
    readFrames(socket, (frame) => {
      connection.frames.push(frame);
      onFrame(frame, connection);
    });
    onConnection(connection);
  });
  await listen(server);
  return {
    origin: `https://127.0.0.1:${portOf(server)}`,
    connections,
    close: () => {
      for (const { socket } of connections) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export function frame(type: number, flags: number, streamId: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(streamId, 5);
  return Buffer.concat([header, payload]);
}

/** SETTINGS with MAX_CONCURRENT_STREAMS (3) and INITIAL_WINDOW_SIZE (4), or without. */
export function settingsFrame(maxConcurrentStreams?: number, windowBytes?: number): Buffer {
  const settings = [
    [3, maxConcurrentStreams],
    [4, windowBytes],
  ] as const;
  const payload = settings.flatMap(([id, value]) => {
    if (value === undefined) return [];
    const setting = Buffer.alloc(6);
    setting.writeUInt16BE(id, 0);
    setting.writeUInt32BE(value, 2);
    return [setting];
  });
  return frame(FRAME.settings, 0, 0, Buffer.concat(payload));
}

/** For the whole connection. */
export function windowUpdateFrame(bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes, 0);
  return frame(FRAME.windowUpdate, 0, 0, payload);
}

export function goawayFrame(lastStreamId: number, code = 0): Buffer {
  const payload = Buffer.alloc(8);
  payload.writeUInt32BE(lastStreamId, 0);
  payload.writeUInt32BE(code, 4);
  return frame(FRAME.goaway, 0, 0, payload);
}

export function rstFrame(streamId: number, code: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(code, 0);
  return frame(FRAME.rstStream, 0, streamId, payload);
}

/** A complete answer with status 200 and no body, or its headers alone. */
export function okFrame(streamId: number, isWhole = true): Buffer {
  return frame(FRAME.headers, FLAG.endHeaders | (isWhole ? FLAG.endStream : 0), streamId, STATUS_200);
}

function readFrames(socket: TLSSocket, onFrame: (frame: RawFrame) => void): void {
  let rest = Buffer.alloc(0);
  let skip = PREFACE_BYTES;
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    if (skip > 0) {
      if (rest.length < skip) return;
      rest = rest.subarray(skip);
      skip = 0;
    }
    while (rest.length >= FRAME_HEADER_BYTES) {
      const end = FRAME_HEADER_BYTES + rest.readUIntBE(0, 3);
      if (rest.length < end) return;
      onFrame({
        type: rest[3] ?? -1,
        flags: rest[4] ?? 0,
        streamId: rest.readUInt32BE(5),
        payload: rest.subarray(9, end),
      });
      rest = rest.subarray(end);
    }
  });
}
