export { isTooComplex, MAX_NESTING, MAX_VALUES } from './nesting';
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
export { MAX_DEVICES, parseNotifyRequest, type ParseResult } from './parse-notify-request';
export { cutToBytes, MAX_TEXT_BYTES } from './text';
