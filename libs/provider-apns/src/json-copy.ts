/// <reference lib="es2024.string" />
import type { JsonObject, JsonValue } from '@reveille/notification';

/** JSON of our own that may be changed, unlike the JSON of a dispatch. */
export type MutableJson = string | number | boolean | null | MutableJson[] | MutableObject;
export interface MutableObject {
  [key: string]: MutableJson;
}

/**
 * An object without a prototype: in it `__proto__` is a key like any other, so that an app's template can neither
 * change our objects nor lose a key.
 */
export function emptyObject(): MutableObject {
  // `Object.create` is typed `any`; an object without any key is a MutableObject.
  return Object.create(null) as MutableObject;
}

export function isObject(value: MutableJson | undefined): value is MutableObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Deep copy in which every string and key is well-formed Unicode (a lone surrogate becomes U+FFFD): Apple refuses JSON
 * that is not valid UTF-8, and an escaped lone surrogate cannot be shown. Depth is bounded by `parseNotifyRequest`.
 */
export function copyObject(source: JsonObject): MutableObject {
  const copy = emptyObject();
  for (const [key, value] of Object.entries(source)) copy[key.toWellFormed()] = copyValue(value);
  return copy;
}

function copyValue(value: JsonValue): MutableJson {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  if (isArray(value)) return value.map(copyValue);
  return copyObject(value);
}

/** `Array.isArray` does not narrow a readonly array. */
function isArray(value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value);
}
