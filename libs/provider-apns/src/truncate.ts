import { cutUtf8, jsonBytes, lastCodePointStart, utf8Bytes } from './code-points';
import { isObject, type MutableJson, type MutableObject } from './json-copy';

/**
 * Writes a payload as JSON of at most `maxBytes` bytes of UTF-8. Whole code points are cut from the longest (in UTF-8
 * bytes; the first of equals) of `aps.alert` (string), `aps.alert.body` and each `aps.alert["loc-args"][i]`, one at a
 * time from whichever is longest then, as sygnal does. Changes `payload`, whose strings must be well-formed.
 *
 * Cost: one pass over at most `maxBytes` bytes of each text, however long it is: cutting the longest first must pass
 * the state in which none is longer than `maxBytes`, so that is where it starts.
 *
 * @returns the JSON, or undefined when nothing is left to cut.
 */
export function encodeWithin(payload: MutableObject, maxBytes: number): string | undefined {
  // Before anything is made for each of a hundred thousand of them.
  if (countArgs(payload) * MIN_ARG_BYTES > maxBytes) return undefined;
  const cuttables = findCuttables(payload);
  const texts = cuttables.map(({ text }) => cutUtf8(text, maxBytes));
  putAll(cuttables, texts);
  const body = JSON.stringify(payload);
  const size = Buffer.byteLength(body);
  if (size <= maxBytes) return body;
  const room = maxBytes - (size - sizeInJson(texts));
  if (room < 0) return undefined;
  putAll(cuttables, lowerToFit(texts, room, maxBytes));
  return JSON.stringify(payload);
}

/** A value in an array in JSON: one digit, and a comma. */
const MIN_ARG_BYTES = 2;

function countArgs({ aps }: MutableObject): number {
  const alert = isObject(aps) ? aps.alert : undefined;
  const args = isObject(alert) ? alert['loc-args'] : undefined;
  return Array.isArray(args) ? args.length : 0;
}

/** Bytes of the texts in JSON, their quotes not counted. */
function sizeInJson(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(JSON.stringify(text)) - 2, 0);
}

function putAll(cuttables: readonly Cuttable[], texts: readonly string[]): void {
  cuttables.forEach(({ put }, index) => put(texts[index] ?? ''));
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

/**
 * Cuts texts, none longer than `maxBytes`, so that their JSON together has at most `room` bytes, quotes not counted.
 *
 * Cutting the longest first is like letting water fall: for every level it passes the state in which each text is its
 * longest prefix of at most `level` bytes. So one pass finds the lowest level that is still too much, and from there
 * each text as long as that level loses one code point, in order, until the rest fits.
 */
function lowerToFit(texts: readonly string[], room: number, maxBytes: number): string[] {
  const costs = costsByLevel(texts, maxBytes);
  let level = 0;
  let cost = costs[0] ?? 0;
  while (level < maxBytes && cost <= room) {
    level += 1;
    cost += costs[level] ?? 0;
  }
  return texts.map((text) => {
    const kept = cutUtf8(text, level);
    if (cost <= room || Buffer.byteLength(kept) < level) return kept;
    const start = lastCodePointStart(kept);
    cost -= jsonBytes(kept.codePointAt(start) ?? 0);
    return kept.slice(0, start);
  });
}

/** By level: the JSON bytes of the code points that a text keeps at this level, but not at the one below. */
function costsByLevel(texts: readonly string[], maxBytes: number): Int32Array {
  const costs = new Int32Array(maxBytes + 1);
  for (const text of texts) {
    let bytes = 0;
    for (let at = 0; at < text.length; ) {
      const codePoint = text.codePointAt(at) ?? 0;
      bytes += utf8Bytes(codePoint);
      at += codePoint > 0xffff ? 2 : 1;
      costs[bytes] = (costs[bytes] ?? 0) + jsonBytes(codePoint);
    }
  }
  return costs;
}
