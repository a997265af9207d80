export type { Verdict } from './admission-batches';
export { passOnControls, readControls, setConcurrency, setDraining, type AppControls } from './app-controls';
export { admissionScript, type AdmissionGuard } from './admission-script';
export { auditCursorSchema, createAudit, type Actor, type Audit, type AuditedAction, type AuditEntry, type AuditOptions, type AuditPage } from './audit';
export { createAppGate, gateSchema, type AppGate, type GateState } from './app-gate';
export { createAppQueue, createOneQueue, type AppQueue, type AppQueueOptions, type OneQueue, type QueueCounts } from './app-queue';
export { checkReachable, checkWritable, findEvictionPolicy } from './check-redis';
export { connectProducer, connectWorker, type RedisClient } from './connect-redis';
export { deadLetterSchema, parseDeadLetter, type DeadLetter } from './dead-letter';
export {
  createDispatchCodec,
  type DecodedJob,
  type DispatchCodec,
  type DispatchCodecOptions,
  type UnreadableJob,
} from './dispatch-codec';
export {
  createDispatchWorker,
  type DispatchJob,
  type DispatchWorker,
  type DispatchWorkerOptions,
} from './dispatch-worker';
export {
  createEnqueueDispatches,
  type AdmissionRequest,
  type EnqueueOptions,
  type EnqueueResult,
  type QueueLimit,
} from './enqueue-dispatches';
export { createExplain, type ExplainOptions } from './explain/create-explain';
export type { Explain, Explanation, ExplainRequest, TracedDevice, TracedDispatch, TracedEnd } from './explain/explain-types';
export { failedFilterSchema, matchesFailed, type FailedCause, type FailedFilter } from './failed/failed-filter';
export { failedCursorSchema } from './failed/failed-place';
export { createFailedPushes, type FailedPushesOptions } from './failed/failed-pushes';
export type {
  CauseCount,
  FailedCauses,
  FailedItem,
  FailedPage,
  FailedPlace,
  FailedPushes,
  OldestFirst,
  Shape,
  ShownPush,
} from './failed/failed-types';
export { TooManyToSearch } from './failed/too-many-to-search';
export { putFailed, type PutFailedOptions, type PutPush } from './failed/put-failed';
export type { Attempt } from './attempt-history';
export type { AttemptAnswer, JobVerdict } from './job-verdict';
export { JOB_STATES, type JobPlace, type JobsView, type JobView } from './job-view';
export { readLedger, type Balance, type LedgerOptions, type Waiting } from './ledger';
export type { End } from './ledger-lua';
export { logConnection } from './log-connection';
export { appKeyBase, appOfQueue, queueKey } from './keyspace';
export { createAllGates, type AllGatesOptions } from './partitions/all-gates';
export { keepPartitionsNoted, type KeepPartitionsNotedOptions, type NotedPartitions } from './partitions/keep-partitions-noted';
export { hasPushes, notePartitions, readKnownQueues, readQueueKeys, type KnownQueue, type QueuesPlace } from './partitions/known-partitions';
export { partitionOf, queueOfDevice } from './partitions/partition-of';
export { credentialsByApp } from './processes/credentials-by-app';
export { readProcesses } from './processes/process-registry';
export type { ProcessCredential, ProcessInfo, ProcessLoad } from './processes/process-types';
export { readRedisHealth, type RedisHealth } from './processes/redis-health';
export { startHeartbeat, type HeartbeatOptions } from './processes/start-heartbeat';
export { createReplays } from './replay/create-replays';
export { NOT_SENT, type NotSent } from './replay/replay-lua';
export { STANDS_WHY, type StandsWhy } from './replay/app-replay';
export type { ReplayLimits, ReplaysOptions } from './replay/replay-options';
export { isReplayOver, type Replay, type ReplayPreview, type ReplayRequest, type Replays, type ReplayState } from './replay/replay-types';
export { createDeviceCounter, type DeviceCounter, type DeviceCounterOptions, type DeviceLimit } from './quota/device-counter';
export {
  createQuotaBucket,
  quotaKey,
  type Lease,
  type LeaseRequest,
  type QuotaBucket,
  type QuotaBucketOptions,
  type Refusal,
} from './quota/quota-bucket';
export { PACE, SLICE_MS } from './quota/quota-terms';
export { readQueueSamples } from './queue-samples';
export { readEach } from './read-each';
export { describeRedisFailure } from './redis-failure';
export { readServerTime } from './server-time';
export { settleOverdue, type SettledDispatch, type SettleOverdueOptions } from './settle-overdue';
export { noteServedApps, readServedApps, type ServedApp, type ServedAppsOptions } from './served-apps';
export { createSharedClock, type SharedClock, type SharedClockOptions } from './shared-clock';
export { createStatsReader, type StatsReaderOptions } from './stats/stats-reader';
export { createStatsRecorder, type StatsRecorderOptions } from './stats/stats-recorder';
export type {
  AnswerCount,
  Percentiles,
  StatCounts,
  StatField,
  StatMinute,
  StatOverview,
  StatRange,
  StatsReader,
  StatsRecorder,
} from './stats/stats-types';
