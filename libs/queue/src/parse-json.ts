/** What stands in Redis may be of another version, or a stranger's: undefined, which fits no schema, when it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
