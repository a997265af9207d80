import { createSecureContext, rootCertificates } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { checkRequest } from './check-request';
import { PendingRequest } from './pending-request';
import { SessionPool } from './session-pool';
import { DEFAULT_MAX_SESSIONS } from './transport';
import type { Http2Transport, Http2TransportOptions, TransportRequest, TransportResult } from './transport';
import { DEFAULT_TUNING } from './tuning';

/**
 * A transport to one origin. Nothing is connected before the first request.
 *
 * Throws, so that a wrong setting shows at start: TypeError for an origin that is not `https:`, OpenSSL's error for a
 * certificate or key that cannot be read. `request` never throws.
 */
export function createHttp2Transport(options: Http2TransportOptions): Http2Transport {
  const origin = new URL(options.origin);
  if (origin.protocol !== 'https:') throw new TypeError('the origin of an HTTP/2 transport must be an https:// URL');
  const pool = new SessionPool({
    target: { origin, secureContext: trust(options), proxy: options.proxy },
    maxSessions: options.maxSessions ?? DEFAULT_MAX_SESSIONS,
    unindexedHeaders: options.unindexedHeaders ?? [],
    tuning: { ...DEFAULT_TUNING, ...options.tuning },
  });
  return {
    request: (request: TransportRequest) => {
      const failure = checkRequest(request);
      if (failure) return Promise.resolve(failure);
      return new Promise<TransportResult>((resolve) => pool.submit(new PendingRequest(request, resolve)));
    },
    stats: () => pool.stats(),
    close: (graceMs: number) => pool.close(graceMs),
  };
}

/** Made once: reading some 140 root certificates takes milliseconds. */
function trust({ ca, cert, key }: Http2TransportOptions): SecureContext {
  return createSecureContext({
    minVersion: 'TLSv1.2',
    // Without `ca` Node's default store is used; with it, `ca` would replace that, hence the roots beside it.
    ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  });
}
