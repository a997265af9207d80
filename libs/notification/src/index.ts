export { MAX_NESTING, nestsDeeperThan } from './nesting';
export type {
  Counts,
  DefaultPayload,
  Device,
  EventContent,
  JsonObject,
  JsonValue,
  Notification,
  Priority,
} from './notification';
export { parseNotifyRequest, type ParseResult } from './parse-notify-request';
export { cutToBytes, MAX_TEXT_BYTES } from './text';
