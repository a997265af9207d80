import { FILTER_NAMES, tidyFilter, type FailedFilter } from '../failed/failed-filter';

/** What the page shows. It stands behind the `#` of the address, so that it can be sent to a colleague. */
export type Route =
  | { readonly page: 'overview' }
  | { readonly page: 'failed'; readonly filter: FailedFilter }
  | { readonly page: 'replays' }
  | { readonly page: 'replay'; readonly id: string }
  | { readonly page: 'rejections' }
  | { readonly page: 'explain' }
  | { readonly page: 'audit' }
  | { readonly page: 'missing'; readonly path: string };

/** Reads `location.hash`. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = split(hash.replace(/^#\/?/, ''));
  const [page = '', id] = path.split('/');
  switch (page) {
    case '':
    case 'overview':
      return { page: 'overview' };
    case 'failed':
      return { page: 'failed', filter: parseFilter(query) };
    case 'replays':
      return id ? { page: 'replay', id: decode(id) } : { page: 'replays' };
    case 'rejections':
    case 'explain':
    case 'audit':
      return { page };
    default:
      return { page: 'missing', path };
  }
}

/** The link to a route; `parseRoute` reads it back. */
export function linkTo(route: Exclude<Route, { page: 'missing' }>): string {
  switch (route.page) {
    case 'overview':
      return '#/';
    case 'failed': {
      const query = new URLSearchParams(Object.entries(tidyFilter(route.filter))).toString();
      return `#/failed${query && `?${query}`}`;
    }
    case 'replay':
      return `#/replays/${encodeURIComponent(route.id)}`;
    case 'replays':
    case 'rejections':
    case 'explain':
    case 'audit':
      return `#/${route.page}`;
  }
}

function parseFilter(query: string): FailedFilter {
  const parameters = new URLSearchParams(query);
  return tidyFilter(Object.fromEntries(FILTER_NAMES.map((name) => [name, parameters.get(name) ?? ''])));
}

function split(text: string): [string, string] {
  const at = text.indexOf('?');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
