import type { Response } from 'express';
import helmet from 'helmet';

/** The page loads nothing from outside, runs nothing but its own files, and stands in no frame. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
/** bull-board has styles in its page and sets a base for its links; its fonts from outside are left out. */
const BOARD_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'self'";
/** Two years, as browsers' lists ask for. */
const HSTS = 'max-age=63072000';

/** All but the two below. */
export const commonHeaders = helmet({ contentSecurityPolicy: false, strictTransportSecurity: false });

/** @param isSecure whether the client came over TLS: else a browser must not be told to come so only */
export function setPolicies(response: Response, part: 'page' | 'board', isSecure: boolean): void {
  response.setHeader('content-security-policy', part === 'board' ? BOARD_POLICY : PAGE_POLICY);
  if (isSecure) response.setHeader('strict-transport-security', HSTS);
}
