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
