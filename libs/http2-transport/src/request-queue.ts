import type { PendingRequest } from './pending-request';

/**
 * Requests that wait for a connection or a stream, first in first out. A doubly linked list through the requests
 * themselves: adding, taking and removing one whose deadline has passed are all O(1) without an allocation.
 */
export class RequestQueue {
  private head: PendingRequest | undefined;
  private tail: PendingRequest | undefined;
  private count = 0;

  get size(): number {
    return this.count;
  }

  push(pending: PendingRequest): void {
    pending.previous = this.tail;
    pending.next = undefined;
    if (this.tail) this.tail.next = pending;
    else this.head = pending;
    this.tail = pending;
    this.added(pending);
  }

  /** For a request that was already at the front once. */
  unshift(pending: PendingRequest): void {
    pending.next = this.head;
    pending.previous = undefined;
    if (this.head) this.head.previous = pending;
    else this.tail = pending;
    this.head = pending;
    this.added(pending);
  }

  shift(): PendingRequest | undefined {
    const first = this.head;
    if (first) this.remove(first);
    return first;
  }

  /** Nothing happens if it is not in the queue. */
  remove(pending: PendingRequest): void {
    if (!pending.isQueued) return;
    if (pending.previous) pending.previous.next = pending.next;
    else this.head = pending.next;
    if (pending.next) pending.next.previous = pending.previous;
    else this.tail = pending.previous;
    pending.previous = undefined;
    pending.next = undefined;
    pending.isQueued = false;
    this.count -= 1;
  }

  private added(pending: PendingRequest): void {
    pending.isQueued = true;
    this.count += 1;
  }
}
