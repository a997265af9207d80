import { judgeEnding } from './judge-ending';
import type { StreamEnding } from './judge-ending';

const PLAIN: StreamEnding = {
  streamId: 7,
  isAnswerBegun: false,
  rstCode: 8,
  errorCode: '',
  errorText: '',
  goaway: undefined,
  isSessionLost: false,
  lossText: undefined,
};
const REFUSED = { rstCode: 7, errorCode: 'ERR_HTTP2_STREAM_ERROR' };
const GRACEFUL = { code: 0, lastStreamId: 2 ** 31 - 1 };

describe('judgeEnding', () => {
  test.each<[string, Partial<StreamEnding>, string, boolean]>([
    ['no id was ever given', { streamId: undefined }, 'closed', false],
    ['above the last stream id', { goaway: { code: 0, lastStreamId: 5 }, isSessionLost: true }, 'goaway', false],
    [
      'at the last stream id, connection gone',
      { goaway: { code: 0, lastStreamId: 7 }, isSessionLost: true },
      'closed',
      true,
    ],
    [
      'above it, but an answer had begun',
      { goaway: { code: 0, lastStreamId: 5 }, isAnswerBegun: true, isSessionLost: true },
      'closed',
      true,
    ],
    ['refused', REFUSED, 'reset', false],
    ['refused after the answer had begun', { ...REFUSED, isAnswerBegun: true }, 'reset', true],
    ['refused by nghttp2 because of a GOAWAY', { ...REFUSED, goaway: GRACEFUL }, 'goaway', false],
    [
      'GOAWAY with the code REFUSED_STREAM',
      { rstCode: 7, errorCode: 'ERR_HTTP2_SESSION_ERROR', goaway: { code: 7, lastStreamId: 7 }, isSessionLost: true },
      'closed',
      true,
    ],
    ['reset', { rstCode: 2, errorCode: 'ERR_HTTP2_STREAM_ERROR' }, 'reset', true],
    ['reset without an error', { rstCode: 0 }, 'reset', true],
    ['reset with an unknown code', { rstCode: 4711 }, 'reset', true],
    [
      'the connection was lost',
      { isSessionLost: true, errorCode: 'ECONNRESET', errorText: 'read ECONNRESET' },
      'closed',
      true,
    ],
    ['we ended the connection', { isSessionLost: true, lossText: 'the peer does not answer PING' }, 'closed', true],
    [
      'the peer broke the protocol',
      { isSessionLost: true, errorCode: 'ERR_HTTP2_ERROR', errorText: 'Protocol error' },
      'protocol',
      true,
    ],
  ])('%s', (_name, ending, kind, sent) => {
    expect(judgeEnding({ ...PLAIN, ...ending })).toMatchObject({ ok: false, kind, sent });
  });

  test('names the code', () => {
    expect(judgeEnding({ ...PLAIN, rstCode: 11 }).message).toBe('RST_STREAM ENHANCE_YOUR_CALM');
    expect(judgeEnding({ ...PLAIN, rstCode: 99 }).message).toBe('RST_STREAM error code 99');
    expect(judgeEnding({ ...PLAIN, goaway: { code: 2, lastStreamId: 0 } }).message).toBe('GOAWAY INTERNAL_ERROR');
  });
});
