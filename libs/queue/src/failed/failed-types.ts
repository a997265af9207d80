import type { Attempt } from '../attempt-history';
import type { FailedCause, FailedFilter, FilteredPush } from './failed-filter';

/** A failed push, as a list shows it: hashes and causes, nothing of its content and no pushkey. Times are milliseconds since the epoch. */
export interface FailedItem extends FilteredPush {
  /** Absent: the job's data cannot be read. */
  readonly acceptedAt?: number;
  readonly deadline?: number;
  /** How often it was put back into the queue before. */
  readonly replayed: number;
}

/** A failed push with what its job says beside its content. */
export interface ShownPush extends FailedItem {
  readonly kind?: 'event' | 'call' | 'counts';
  /** Its lane. */
  readonly priority: 'high' | 'low';
  /** Oldest first. */
  readonly history: readonly Attempt[];
  /** The payload with every string replaced by its type and length, everything else by its type. */
  readonly shape?: Shape;
  /** Why there is no shape: see `UnreadableJob`. */
  readonly unreadable?: string;
  /** Fields of the raw job that say nothing of its content, by the names that BullMQ gives them. */
  readonly raw: Readonly<Record<string, string>>;
}

/** What something is like, without saying what it is. */
export type Shape = string | readonly Shape[] | { readonly [key: string]: Shape };

export interface FailedPage {
  /** All that match, not only those of this page. */
  readonly total: number;
  /** Newest failure first. */
  readonly items: readonly FailedItem[];
  /** The cursor of the next page; null: this was the last. */
  readonly next: string | null;
  /** Apps whose part of Redis did not answer in time: they are missing. */
  readonly unreachable: readonly string[];
}

export interface CauseCount extends FailedCause {
  readonly app: string;
  readonly count: number;
  /** When the first and the last of them failed. */
  readonly firstAt: number;
  readonly lastAt: number;
}

/** The failed pushes by cause, most first. */
export interface FailedCauses {
  readonly causes: readonly CauseCount[];
  readonly unreachable: readonly string[];
}

/** Where a failed push stands in the order in which they failed: by time, then by id. */
export interface FailedPlace {
  readonly failedAt: number;
  readonly id: string;
}

export interface OldestFirst {
  readonly after: FailedPlace | undefined;
  /** Included. */
  readonly until: number;
  readonly limit: number;
}

/**
 * The failed pushes of all apps, found by an index and never by walking the set. Everything rejects when Redis does; a list and the
 * causes by several of event, room and device also with TooManyToSearch.
 */
export interface FailedPushes {
  /** `cursor` must be one by `failedCursorSchema`, else it rejects. */
  search(filter: FailedFilter, page: { readonly cursor?: string | undefined; readonly limit: number }): Promise<FailedPage>;
  /** Each with its app; numbers of attempts are put together. */
  causes(filter: FailedFilter): Promise<FailedCauses>;
  /** Undefined: no push of this id is failed in the app. */
  show(appKey: string, id: string): Promise<ShownPush | undefined>;
  /** Of one queue, by its key (see keyspace.ts). `filter.app` is passed over, here and below. */
  count(key: string, filter: FailedFilter): Promise<number>;
  /** Fewer than `limit`: there are no more. */
  oldestFirst(key: string, filter: FailedFilter, page: OldestFirst): Promise<readonly FailedPlace[]>;
}
