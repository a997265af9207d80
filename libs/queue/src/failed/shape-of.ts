import type { Shape } from './failed-types';

/** Parts of one list or object that are described. */
const MOST_PARTS = 50;
/** Levels that are described: more than any payload has a use for. */
const MOST_LEVELS = 12;

/** Names that we, the protocol and the push services give. Any other is a stranger's, and may itself be content. */
const KNOWN_NAMES: ReadonlySet<string> = new Set([
  // Our own (dispatch-codec.ts).
  ...['device', 'appId', 'pushkey', 'pushkeyTs', 'sound', 'defaultPayload', 'kind', 'value', 'notification', 'eventId', 'roomId', 'type'],
  ...['sender', 'senderDisplayName', 'roomName', 'roomAlias', 'membership', 'userIsTarget', 'priority', 'content', 'text', 'offersVideo'],
  ...['lifetimeMs', 'counts', 'unread', 'missedCalls'],
  // Apple, "Generating a remote notification".
  ...['aps', 'alert', 'title', 'subtitle', 'body', 'launch-image', 'title-loc-key', 'title-loc-args', 'subtitle-loc-key', 'subtitle-loc-args'],
  ...['loc-key', 'loc-args', 'badge', 'critical', 'name', 'volume', 'thread-id', 'category', 'content-available', 'mutable-content'],
  ...['target-content-id', 'interruption-level', 'relevance-score', 'filter-criteria', 'stale-date', 'content-state', 'timestamp', 'event'],
  // Firebase, `projects.messages`.
  ...['data', 'android', 'image', 'icon', 'color', 'tag', 'click_action', 'channel_id', 'ttl', 'collapse_key', 'message', 'apns', 'webpush'],
  // Matrix, event content.
  ...['msgtype', 'format', 'formatted_body', 'displayname', 'avatar_url', 'url', 'algorithm', 'event_id', 'room_id', 'unread_count'],
]);

/**
 * What a value is like: each string as its length in characters, each number and boolean as its type. Nothing that a stranger
 * wrote is in it, neither as a value nor as a name.
 */
export function shapeOf(value: unknown, levels = MOST_LEVELS): Shape {
  if (typeof value === 'string') return `string (${value.length})`;
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  if (Array.isArray(value)) return levels === 0 ? `list (${value.length})` : shapeOfList(value, levels - 1);
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return levels === 0 ? `object (${entries.length})` : shapeOfObject(entries, levels - 1);
}

function shapeOfList(list: readonly unknown[], levels: number): Shape {
  const left = list.length - MOST_PARTS;
  return [...list.slice(0, MOST_PARTS).map((part) => shapeOf(part, levels)), ...(left > 0 ? [`and ${left} more`] : [])];
}

function shapeOfObject(entries: readonly (readonly [string, unknown])[], levels: number): Shape {
  const left = entries.length - MOST_PARTS;
  const shapes = entries.slice(0, MOST_PARTS).map(([name, part], index) => [nameOf(name, index), shapeOf(part, levels)] as const);
  return { ...Object.fromEntries(shapes), ...(left > 0 && { '...': `and ${left} more` }) };
}

/** The number keeps two hidden names of the same length apart. */
function nameOf(name: string, index: number): string {
  return KNOWN_NAMES.has(name) ? name : `name ${index + 1} (${name.length})`;
}
