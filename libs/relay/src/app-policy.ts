import type { DispatchKind } from '@reveille/provider';
import type { ContentPolicy } from './ids-only';

/** What the relay must know of a configured app. `key` is its name in the configuration: an app id or a glob. */
export interface AppPolicy {
  readonly key: string;
  /** How long after its acceptance a dispatch may still be sent, in milliseconds, by kind. */
  readonly maxAgeMs: Readonly<Record<DispatchKind, number>>;
  /** What is kept of its notifications. Absent: everything that a payload can show. */
  readonly content?: ContentPolicy;
}

/**
 * Where an app_id leads: to one configured app, to none, to several globs that all match, to one that was configured until
 * recently (`key` is its former name), or nobody knows yet whether it was.
 */
export type AppRoute =
  | { readonly kind: 'app'; readonly app: AppPolicy }
  | { readonly kind: 'none' }
  | { readonly kind: 'removed'; readonly key: string }
  | { readonly kind: 'undecided' }
  | { readonly kind: 'ambiguous' };
