export { createHttp2Transport } from './create-transport';
export { parseJson } from './parse-json';
export { proxyFor } from './proxy-for';
export type { ProxyEnvironment } from './proxy-for';
export { DEFAULT_MAX_SESSIONS, MAX_ANSWER_BYTES } from './transport';
export type {
  Http2Transport,
  Http2TransportOptions,
  TransportAnswer,
  TransportFailure,
  TransportFailureKind,
  TransportRequest,
  TransportResult,
  TransportStats,
} from './transport';
export { DEFAULT_TUNING } from './tuning';
export type { TransportTuning } from './tuning';
