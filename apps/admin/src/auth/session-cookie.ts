const NAME = 'reveille_session';
/** 32 bytes in base64url. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** The token in a `Cookie` header; undefined: none, or several. */
export function readSessionCookie(header: string | undefined): string | undefined {
  const values = (header ?? '').split(';').flatMap((pair) => {
    const [name, value] = [pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1).trim()];
    return name === NAME && TOKEN.test(value) ? [value] : [];
  });
  return values.length === 1 ? values[0] : undefined;
}

export interface CookieOptions {
  /** For TLS only. */
  readonly secure: boolean;
  /** Milliseconds. */
  readonly maxAgeMs: number;
}

/** Out of reach for scripts and for other sites (`SameSite=Strict`: not even a link from elsewhere carries it). */
export function sessionCookie(token: string, { secure, maxAgeMs }: CookieOptions): string {
  const attributes = `Path=/; Max-Age=${Math.floor(maxAgeMs / 1000)}; HttpOnly; SameSite=Strict`;
  return `${NAME}=${token}; ${attributes}${secure ? '; Secure' : ''}`;
}

/** Takes the cookie away. */
export function noSessionCookie(secure: boolean): string {
  return sessionCookie('', { secure, maxAgeMs: 0 });
}
