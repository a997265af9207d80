import { createHttp2Transport } from '../create-transport';
import type { Http2Transport, Http2TransportOptions, TransportRequest, TransportResult } from '../transport';
import { makeCertificate } from './certificate';
import type { TestCertificate } from './certificate';

/** Everything that a test opens, closed in reverse order at its end. */
export interface Fixture {
  readonly certificate: TestCertificate;
  /** Registers what was just opened. */
  opened<T extends { close(): Promise<void> }>(thing: T): T;
  transport(origin: string, options?: Partial<Http2TransportOptions>): Http2Transport;
  closeAll(): Promise<void>;
}

/** Far above what any test needs: a loaded machine must not decide. */
const TEST_TIMEOUT_MS = 30_000;

export function makeFixture(): Fixture {
  jest.setTimeout(TEST_TIMEOUT_MS);
  const certificate = makeCertificate();
  const open: (() => Promise<void>)[] = [];
  return {
    certificate,
    opened: (thing) => {
      open.push(() => thing.close());
      return thing;
    },
    transport: (origin, options = {}) => {
      const transport = createHttp2Transport({ origin, ca: certificate.ca, ...options });
      open.push(() => transport.close(0));
      return transport;
    },
    closeAll: async () => {
      for (let close = open.pop(); close; close = open.pop()) await close();
    },
  };
}

/** A request that a healthy server answers long before its deadline. */
export function post(path = '/', change: Partial<TransportRequest> = {}): TransportRequest {
  return {
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json' },
    body: '{"a":1}',
    timeoutMs: 10_000,
    ...change,
  };
}

export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** Jest types its matchers as `any`; this one stands for a result. */
export const OK = expect.objectContaining({ ok: true, status: 200 }) as unknown as TransportResult;

/** Resolved by hand. */
export function signal(): { readonly promise: Promise<void>; readonly fire: () => void } {
  let fire: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => (fire = resolve));
  return { promise, fire };
}
