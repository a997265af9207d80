export type { Dispatch, DispatchKind } from './dispatch';
export type {
  Deferred,
  Delivered,
  Parked,
  ProviderAnswer,
  QuotaRefusal,
  Rejected,
  SendOutcome,
  Skipped,
  Undeliverable,
} from './outcome';
export type { CredentialExpiry, Provider } from './provider';
export { MAX_RETRY_AFTER_MS, parseRetryAfter } from './retry-after';
export type { SettingProblem } from './settings';
