export {
  acceptNotification,
  type AcceptDeps,
  type AcceptResult,
  type Admission,
  type AdmissionVerdict,
  type DeviceDecision,
  type EnqueueFailure,
  type EnqueueResult,
} from './accept-notification';
export type { AppPolicy, AppRoute } from './app-policy';
export { deadlineOf, dispatchKind } from './dispatch-kind';
export {
  dispatchNotification,
  type DispatchDeps,
  type DispatchOutcome,
  type Expired,
  type Faulted,
  type HeldBack,
  type OverQuota,
  type RejectionFate,
} from './dispatch-notification';
export { idsOnly, type ContentPolicy } from './ids-only';
export { createKeyedHash, type KeyedHash } from './keyed-hash';
export { nextAttempt, type NextAttempt, type RetryContext, type RetryPolicy } from './next-attempt';
export {
  createOutageWatch,
  providerEvidence,
  RECOVERING,
  RUNNING,
  type OutageThreshold,
  type OutageWatch,
  type ProviderEvidence,
} from './outage-watch';
