export { createAdminMetrics, type AdminMetrics, type AdminMetricsOptions } from './admin-metrics';
export { processName } from './process-name';
export { boundedLabel, OTHER, statusLabel } from './bounded-label';
export { describeError, errorCode, OperationalError, type ErrorDescription } from './describe-error';
export {
  createDispatcherMetrics,
  type AnswerSample,
  type CredentialSample,
  type DispatcherMetrics,
  type DispatcherMetricsOptions,
  type EndSample,
  type FinalOutcome,
} from './dispatcher-metrics';
export { endWhenHung, type HangOptions } from './end-when-hung';
export type { GovernorEventSample, GovernorMetrics, GovernorSample } from './governor-metrics';
export { createIngressMetrics, type IngressMetrics, type IngressMetricsOptions, type LimitReason } from './ingress-metrics';
export { knownReasons } from './known-reasons';
export { REDACTED, sanitizeFields, sensitiveNames, type LogFields } from './log-fields';
export { logOutcome, logRequest, type OutcomeLine, type RequestLine } from './log-lines';
export { createLogger, type LogCall, type LogFormat, type Logger, type LoggerOptions, type LogLevel } from './logger';
export {
  metricDefinitions,
  metricsCatalogue,
  type MetricDefinition,
  type MetricName,
  type Role,
} from './metrics-catalogue';
export { metricsReference } from './metrics-reference';
export { startMetricsServer, type MetricsServer, type MetricsServerOptions } from './metrics-server';
export type { GateSample, QueueMetrics, QueueSample, QueueState } from './queue-metrics';
export type { StormMetrics, StormSample } from './storm-metrics';
export { createReadiness, type Readiness, type ReadinessCheck, type ReadinessOptions } from './readiness';
export { requestId } from './request-id';
export { securityHeaders } from './security-headers';
export {
  announceReady,
  onFatalError,
  onShutdown,
  type ProcessLike,
  type ShutdownOptions,
  type ShutdownReason,
} from './shutdown';
export { VERSION } from './version';
export { within } from './within';
