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
