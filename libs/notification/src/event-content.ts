import type { EventContent } from './notification';
import { cutToBytes, MAX_TEXT_BYTES } from './text';

/**
 * Bytes of text, keys included, that are kept of an event's content. Both providers take 4096 for everything together;
 * what a payload shows first is kept first.
 */
const MAX_CONTENT_BYTES = 16 * 1024;
/** Keys that are kept before all others: alerts are made from them. */
const FIRST_KEYS = ['msgtype', 'body', 'membership'];

/** Keeps of an event's content what a payload can be made from: its texts, and two facts about a call. */
export function reduceContent(content: Readonly<Record<string, unknown>>): EventContent {
  const { lifetime } = content;
  return {
    text: keepTexts(content),
    offersVideo: offersVideo(content.offer),
    // Milliseconds (m.call.invite in the client-server specification; MSC4075 for m.rtc.notification).
    ...(typeof lifetime === 'number' && lifetime > 0 && { lifetimeMs: lifetime }),
  };
}

function keepTexts(content: Readonly<Record<string, unknown>>): Record<string, string> {
  const kept = new Map<string, string>();
  let room = MAX_CONTENT_BYTES;
  const keep = (key: string): void => {
    const value = Object.hasOwn(content, key) && !kept.has(key) ? content[key] : undefined;
    if (typeof value !== 'string') return;
    const text = cutToBytes(value, MAX_TEXT_BYTES);
    room -= Buffer.byteLength(key) + Buffer.byteLength(text);
    if (room >= 0) kept.set(key, text);
  };
  FIRST_KEYS.forEach(keep);
  // Not over Object.keys: there may be 50,000, and the room ends after some hundred.
  for (const key in content) {
    if (room <= 0) break;
    keep(key);
  }
  // fromEntries defines own properties, so that a key such as `__proto__` stays a key.
  return Object.fromEntries(kept);
}

function offersVideo(offer: unknown): boolean {
  if (typeof offer !== 'object' || offer === null || !('sdp' in offer)) return false;
  return typeof offer.sdp === 'string' && offer.sdp.includes('m=video');
}
