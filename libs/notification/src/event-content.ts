import type { EventContent } from './notification';
import { cutToBytes, MAX_TEXT_BYTES } from './text';

/** Keeps of an event's content what a payload can be made from: its texts, and two facts about a call. */
export function reduceContent(content: Readonly<Record<string, unknown>>): EventContent {
  const text = Object.fromEntries(
    Object.entries(content)
      .filter((entry): entry is [string, string] => typeof entry[1] === 'string')
      .map(([key, value]) => [key, cutToBytes(value, MAX_TEXT_BYTES)]),
  );
  const { lifetime } = content;
  return {
    text,
    offersVideo: offersVideo(content.offer),
    // Milliseconds (m.call.invite in the client-server specification; MSC4075 for m.rtc.notification).
    ...(typeof lifetime === 'number' && lifetime > 0 && { lifetimeMs: lifetime }),
  };
}

function offersVideo(offer: unknown): boolean {
  if (typeof offer !== 'object' || offer === null || !('sdp' in offer)) return false;
  return typeof offer.sdp === 'string' && offer.sdp.includes('m=video');
}
