/** One thing that a stranger sends. */
export type FuzzCase =
  /** A request to the notify route with this body. */
  | { readonly kind: 'request'; readonly body: Buffer; readonly headers: Readonly<Record<string, string>> }
  /** Bytes on a connection of their own, whatever they are. */
  | { readonly kind: 'raw'; readonly bytes: Buffer };

const MAX_SHOWN_BYTES = 600;

/** A case as it can be read in a report, and made again if it is short. */
export function describeCase(one: FuzzCase): string {
  const bytes = one.kind === 'raw' ? one.bytes : one.body;
  const shown = JSON.stringify(bytes.subarray(0, MAX_SHOWN_BYTES).toString('latin1'));
  const cut = bytes.length > MAX_SHOWN_BYTES ? ` ... (${bytes.length} bytes)` : '';
  const headers = one.kind === 'request' ? ` with headers ${JSON.stringify(one.headers)}` : '';
  return `${one.kind}${headers}: ${shown}${cut}`;
}
