import { isTooComplex } from './nesting';
import type { DefaultPayload, JsonObject, JsonValue } from './notification';
import { cutToBytes, MAX_TEXT_BYTES } from './text';

/**
 * Longest template that is passed on, as JSON. Both providers take 4096 bytes for everything together, and shorten nothing
 * of a template but the texts that are cut here already: a longer one can never be sent, and would only fill Redis.
 */
const MAX_TEMPLATE_BYTES = 16 * 1024;

/** Sorts what an app left as `data.default_payload`. */
export function toDefaultPayload(value: unknown): DefaultPayload {
  if (value === undefined || value === null) return { kind: 'absent' };
  if (!isObject(value)) return { kind: 'malformed' };
  if (isTooComplex(value)) return { kind: 'too-complex' };
  const template = withCutAlert(value);
  if (Buffer.byteLength(JSON.stringify(template)) > MAX_TEMPLATE_BYTES) return { kind: 'too-complex' };
  return { kind: 'object', value: template };
}

/** The texts that APNs payloads are shortened by (`aps.alert`, its `body`, its `loc-args`), cut as all texts are. */
function withCutAlert(template: JsonObject): JsonObject {
  const { aps } = template;
  if (!isObject(aps)) return template;
  const { alert } = aps;
  if (typeof alert === 'string') return { ...template, aps: { ...aps, alert: cut(alert) } };
  if (!isObject(alert)) return template;
  const { body, 'loc-args': locArgs } = alert;
  const cutAlert = {
    ...alert,
    ...(body !== undefined && { body: cut(body) }),
    ...(Array.isArray(locArgs) && { 'loc-args': locArgs.map(cut) }),
  };
  return { ...template, aps: { ...aps, alert: cutAlert } };
}

function cut(value: JsonValue): JsonValue {
  return typeof value === 'string' ? cutToBytes(value, MAX_TEXT_BYTES) : value;
}

/** Everything here came out of JSON.parse, so an object of it is a JsonObject. */
function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
