/** Which configured app serves an app id. */
export type AppRoute =
  | { readonly kind: 'exact'; readonly key: string }
  | { readonly kind: 'glob'; readonly key: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'ambiguous'; readonly keys: readonly string[] };

/** Finds the app of an app id. */
export type MatchApp = (appId: string) => AppRoute;

/**
 * Makes the look-up of an app by the app id that a homeserver sends: an exact app id wins over globs; several matching
 * globs are ambiguous. `*` stands for any text, the empty one included, `?` for one UTF-16 unit; case counts.
 *
 * The app id is a stranger's text of up to the body limit, so globs are no regular expressions (`*a*a*a*` backtracks):
 * the work is at most (length of the app id) x (length of the globs). There is no cache: the exact look-up is a hash, a
 * glob takes well under a microsecond, and a cache keyed by strangers' texts needs a bound and an eviction.
 *
 * @param appKeys - the keys of `apps`: app ids and globs
 */
export function compileAppRoutes(appKeys: readonly string[]): MatchApp {
  const exact = new Set(appKeys.filter((key) => !isGlob(key)));
  const globs = appKeys.filter(isGlob).map((key) => ({ key, matches: compileGlob(key) }));
  return (appId) => {
    if (exact.has(appId)) return { kind: 'exact', key: appId };
    const keys = globs.filter(({ matches }) => matches(appId)).map(({ key }) => key);
    const [key] = keys;
    if (key === undefined) return { kind: 'none' };
    return keys.length === 1 ? { kind: 'glob', key } : { kind: 'ambiguous', keys };
  };
}

/** Whether a key of `apps` stands for many app ids. */
export function isGlob(key: string): boolean {
  return /[*?]/.test(key);
}

function compileGlob(glob: string): (text: string) => boolean {
  const parts = glob.split('*');
  const first = parts[0] ?? '';
  const last = parts[parts.length - 1] ?? '';
  if (parts.length === 1) return (text) => text.length === first.length && fitsAt(text, first, 0);
  const middle = parts.slice(1, -1).filter((part) => part !== '');
  return (text) => {
    const end = text.length - last.length;
    if (end < first.length || !fitsAt(text, first, 0) || !fitsAt(text, last, end)) return false;
    // Taking the leftmost place of each part leaves the most room to those after it, so there is nothing to go back to.
    let position = first.length;
    for (const part of middle) {
      const place = findPart(text, part, position);
      if (place === -1 || place + part.length > end) return false;
      position = place + part.length;
    }
    return true;
  };
}

function findPart(text: string, part: string, from: number): number {
  if (!part.includes('?')) return text.indexOf(part, from);
  for (let place = from; place + part.length <= text.length; place++) {
    if (fitsAt(text, part, place)) return place;
  }
  return -1;
}

function fitsAt(text: string, part: string, place: number): boolean {
  for (let index = 0; index < part.length; index++) {
    if (part[index] !== '?' && part[index] !== text[place + index]) return false;
  }
  return true;
}
