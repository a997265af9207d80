const MAX_SHOWN_CHARACTERS = 40;
/** Keys whose values are secrets, in our settings and in sygnal's; `..._file` names a file and is none. */
const SECRET_KEY = /(?:^|_)(?:password|password_hash|passphrase|secret|hash_key|api_key|token|tokens|private_key|sealing_keys?)$/i;
/** A key or service account that was pasted where its file name belongs. */
const PASTED_SECRET = /-----BEGIN|private_key/;
const URL_CREDENTIALS = /^([a-z][a-z0-9+.-]*:\/\/)?.*@/is;
const URL_QUERY = /^([a-z][a-z0-9+.-]*:\/\/[^?]*)\?.*$/is;

export const HIDDEN = '(hidden)';

export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key);
}

/** Hides what may be a secret inside a text: credentials and query of a URL, a pasted key. */
export function hideSecretParts(text: string): string {
  if (PASTED_SECRET.test(text)) return HIDDEN;
  return text.replace(URL_CREDENTIALS, '$1***@').replace(URL_QUERY, '$1?***');
}

/** A value as it may stand in an error text: short, on one line, without secrets. */
export function shorten(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'string') return shortenText(hideSecretParts(value));
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  return Array.isArray(value) ? `a list of ${String(value.length)}` : 'a mapping';
}

/** A text in quotes, cut to a few words. */
export function shortenText(text: string): string {
  if (text === HIDDEN) return HIDDEN;
  const characters = [...text.slice(0, 2 * MAX_SHOWN_CHARACTERS)];
  const cut = characters.length > MAX_SHOWN_CHARACTERS || text.length > 2 * MAX_SHOWN_CHARACTERS;
  return JSON.stringify(cut ? `${characters.slice(0, MAX_SHOWN_CHARACTERS).join('')}…` : text);
}
