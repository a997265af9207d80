/** The JSON of an answer's body. What stands between us and a provider may answer anything: undefined, which fits no schema, when it is none. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
