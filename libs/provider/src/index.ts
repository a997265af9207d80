export type { Dispatch, DispatchKind } from './dispatch';
export type {
  Deferred,
  Delivered,
  Parked,
  ProviderAnswer,
  Rejected,
  SendOutcome,
  Skipped,
  Undeliverable,
} from './outcome';
export type { CredentialExpiry, Provider } from './provider';
