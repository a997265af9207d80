import type { BrowserContext, Response } from 'playwright-core';

/** What a page did beside being seen. */
export interface PageWatch {
  /** Errors and warnings of the console (violations of the Content-Security-Policy are among them) and uncaught errors. */
  readonly complaints: () => string[];
  /** Addresses that were asked for outside of the admin. */
  readonly strayRequests: () => string[];
  /** Every address that was asked for, with the headers and the body that came back. */
  readonly traffic: () => Promise<string>;
}

/** How Chromium tells of an answer that is no success; the page shows those itself. */
const REFUSED = /^Failed to load resource: the server responded with a status of (\d+)/;

/** Watches every page of a context, from its start. */
export function watchPages(context: BrowserContext, origin: string): PageWatch {
  const complaints: string[] = [];
  const stray: string[] = [];
  const bodies: Promise<string>[] = [];
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && url.origin !== origin) stray.push(url.href);
  });
  context.on('response', (response) => bodies.push(describe(response)));
  return {
    complaints: () => complaints.filter((text) => REFUSED.exec(text)?.[1] !== '401'),
    strayRequests: () => stray,
    traffic: async () => (await Promise.all(bodies)).join('\n'),
  };
}

/** What came in. What goes out may hold a pushkey: somebody typed it. */
async function describe(response: Response): Promise<string> {
  const headers = JSON.stringify(await response.allHeaders().catch(() => ({})));
  // There is no body when the page went away meanwhile.
  const body = await response.text().catch(() => '');
  return `${response.request().method()} ${response.url()} ${response.status()}\n${headers}\n${body}`;
}
