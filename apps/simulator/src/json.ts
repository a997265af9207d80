export type UnknownObject = Readonly<Record<string, unknown>>;

/** A JSON object, neither null nor an array. */
export function isObject(value: unknown): value is UnknownObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
