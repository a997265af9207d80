import { cutUtf8, jsonBytes, lastCodePointStart, utf8Bytes } from './code-points';
import { isObject, type MutableJson, type MutableObject } from './json-copy';

/**
 * Writes a payload as JSON of at most `maxBytes` bytes of UTF-8. Whole code points are cut from the longest (in UTF-8
 * bytes; the first of equals) of `aps.alert` (string), `aps.alert.body` and each `aps.alert["loc-args"][i]`, one at a
 * time from whichever is longest then, as sygnal does. Changes `payload`, whose strings must be well-formed.
 *
 * Cost: O(c log k) for c code points cut out of at most `maxBytes` each from k strings, however long they were: cutting
 * the longest first must pass the state in which none is longer than `maxBytes`, so that is where it starts.
 *
 * @returns the JSON, or undefined when nothing is left to cut.
 */
export function encodeWithin(payload: MutableObject, maxBytes: number): string | undefined {
  const cuttables = findCuttables(payload);
  for (const cuttable of cuttables) cuttable.put(cutUtf8(cuttable.text, maxBytes));
  const body = JSON.stringify(payload);
  const excess = Buffer.byteLength(body) - maxBytes;
  if (excess <= 0) return body;
  const ends = cutLongestFirst(findCuttables(payload).map(({ text }) => text), excess);
  if (!ends) return undefined;
  findCuttables(payload).forEach(({ text, put }, index) => put(text.slice(0, ends[index])));
  return JSON.stringify(payload);
}

interface Cuttable {
  readonly text: string;
  readonly put: (text: string) => void;
}

function findCuttables(payload: MutableObject): Cuttable[] {
  const aps = payload.aps;
  if (!isObject(aps)) return [];
  const { alert } = aps;
  if (typeof alert === 'string') return [{ text: alert, put: (text) => void (aps.alert = text) }];
  if (!isObject(alert)) return [];
  const { body } = alert;
  const ofBody = typeof body === 'string' ? [{ text: body, put: (text: string) => void (alert.body = text) }] : [];
  return [...ofBody, ...findCuttableArgs(alert['loc-args'])];
}

function findCuttableArgs(args: MutableJson | undefined): Cuttable[] {
  if (!Array.isArray(args)) return [];
  return args.flatMap((text, index) =>
    typeof text === 'string' ? [{ text, put: (cut: string) => void (args[index] = cut) }] : [],
  );
}

/** What is left of one string: `text.slice(0, end)`, `bytes` long in UTF-8. */
interface Remainder {
  readonly index: number;
  readonly text: string;
  end: number;
  bytes: number;
}

/** Where each text must end so that `excess` bytes of JSON go; undefined when all of them together have less. */
function cutLongestFirst(texts: readonly string[], excess: number): number[] | undefined {
  const remainders = texts.map((text, index) => ({ index, text, end: text.length, bytes: Buffer.byteLength(text) }));
  // Longest first is a valid max-heap.
  const heap: Remainder[] = [...remainders].sort((one, other) => (isLonger(one, other) ? -1 : 1));
  let left = excess;
  while (left > 0) {
    const longest = heap[0];
    if (!longest || longest.bytes === 0) return undefined;
    left = cutWhileLongest(longest, longerChild(heap, 0), left);
    siftDown(heap);
  }
  return remainders.map(({ end }) => end);
}

/** Cuts `longest` until it is not the longest any more or `excess` is gone; returns what is left of `excess`. */
function cutWhileLongest(longest: Remainder, runnerUp: Remainder | undefined, excess: number): number {
  let left = excess;
  while (left > 0 && longest.bytes > 0 && (!runnerUp || isLonger(longest, runnerUp))) {
    const start = lastCodePointStart(longest.text, longest.end);
    const codePoint = longest.text.codePointAt(start) ?? 0;
    longest.end = start;
    longest.bytes -= utf8Bytes(codePoint);
    left -= jsonBytes(codePoint);
  }
  return left;
}

function isLonger(one: Remainder, other: Remainder): boolean {
  return one.bytes > other.bytes || (one.bytes === other.bytes && one.index < other.index);
}

function longerChild(heap: readonly Remainder[], parent: number): Remainder | undefined {
  const left = heap[2 * parent + 1];
  const right = heap[2 * parent + 2];
  return left && right && isLonger(right, left) ? right : left;
}

/** Restores the heap after its top has become shorter. */
function siftDown(heap: Remainder[]): void {
  let parent = 0;
  for (;;) {
    const moving = heap[parent];
    const child = longerChild(heap, parent);
    if (!moving || !child || isLonger(moving, child)) return;
    const position = heap[2 * parent + 1] === child ? 2 * parent + 1 : 2 * parent + 2;
    heap[parent] = child;
    heap[position] = moving;
    parent = position;
  }
}
