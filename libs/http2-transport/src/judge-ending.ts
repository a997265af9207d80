import { constants } from 'node:http2';
import { maybeSent, unsent } from './failure';
import type { TransportFailure } from './transport';

/** What is known when a stream has closed without a complete answer. */
export interface StreamEnding {
  /** Undefined: it never got an id, so that no byte of it was sent. */
  readonly streamId: number | undefined;
  /** Response headers had come: the server has begun to process it, whatever it says later. */
  readonly isAnswerBegun: boolean;
  readonly rstCode: number;
  /** Code and text of the error that the stream ended with, else empty. */
  readonly errorCode: string;
  readonly errorText: string;
  /** The last GOAWAY of the session, if one came. */
  readonly goaway: GoAway | undefined;
  /** The whole connection has ended, not just the stream. */
  readonly isSessionLost: boolean;
  /** Our own reason for ending the connection, if we did. */
  readonly lossText: string | undefined;
}

export interface GoAway {
  readonly code: number;
  /** Streams above it were not and will not be processed (RFC 9113, 6.8). */
  readonly lastStreamId: number;
}

/** Error codes of RFC 9113, section 7, by number. */
const ERROR_NAMES = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
];

/**
 * The failure of a stream that closed without a complete answer. Its `sent` is false only where HTTP/2 itself
 * guarantees that the server has not processed the request; then it may be sent again (RFC 9113, 8.7).
 */
export function judgeEnding(ending: StreamEnding): TransportFailure {
  return judgeUnprocessed(ending) ?? judgeUnknown(ending);
}

function judgeUnprocessed(ending: StreamEnding): TransportFailure | undefined {
  const { streamId, goaway } = ending;
  if (streamId === undefined) return unsent('closed', 'the connection ended before the request was sent');
  if (ending.isAnswerBegun) return undefined;
  // Above the last id that the server took. nghttp2 reports these as REFUSED_STREAM too, but not if the session is
  // destroyed.
  if (goaway && streamId > goaway.lastStreamId) return unsent('goaway', goawayText(goaway));
  // The code of a destroyed session may be REFUSED_STREAM as well; only on a stream's own error does it promise
  // anything. With a GOAWAY it is nghttp2 that refuses: a stream whose HEADERS had not left yet (nodejs/node#55888).
  if (ending.rstCode === constants.NGHTTP2_REFUSED_STREAM && ending.errorCode === 'ERR_HTTP2_STREAM_ERROR') {
    return goaway ? unsent('goaway', goawayText(goaway)) : unsent('reset', 'RST_STREAM REFUSED_STREAM');
  }
  return undefined;
}

function judgeUnknown(ending: StreamEnding): TransportFailure {
  // nghttp2 found that the peer breaks the protocol.
  if (ending.errorCode === 'ERR_HTTP2_ERROR') return maybeSent('protocol', ending.errorText);
  if (ending.isSessionLost) return maybeSent('closed', lossText(ending));
  return maybeSent('reset', `RST_STREAM ${errorName(ending.rstCode)}`);
}

function lossText({ lossText, goaway, errorText }: StreamEnding): string {
  if (lossText !== undefined) return lossText;
  if (goaway) return `the connection ended after ${goawayText(goaway)}`;
  return errorText || 'the connection was closed';
}

function goawayText({ code }: GoAway): string {
  return `GOAWAY ${errorName(code)}`;
}

function errorName(code: number): string {
  return ERROR_NAMES[code] ?? `error code ${code}`;
}
