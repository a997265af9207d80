import { describeError, isError } from './describe-error';

/**
 * Names under which a pushkey, a provider credential or something that people said could come: never in a log line, at
 * no level and at no depth (DESIGN.md rule 11). Spelling does not matter: `device_token` is `deviceToken`.
 */
const SENSITIVE_NAMES = [
  // which device
  'pushkey', 'pushkeys', 'token', 'tokens', 'device_token', 'registration_token', 'rejected', 'device', 'devices',
  // what was said, by whom, where
  'content', 'body', 'text', 'payload', 'default_payload', 'alert', 'loc_args', 'data', 'job',
  'notification', 'notifications', 'dispatch', 'dispatches', 'sender', 'sender_display_name', 'room_name', 'room_alias',
  // how we prove who we are
  'authorization', 'proxy_authorization', 'cookie', 'set_cookie', 'headers', 'password', 'passphrase', 'secret',
  'hash_key', 'private_key', 'access_token', 'refresh_token', 'id_token', 'jwt', 'assertion', 'credential',
  'credentials', 'service_account',
  // what libraries attach to their errors and requests
  'args', 'argv', 'arguments', 'command', 'raw', 'input', 'request', 'req', 'response', 'res', 'env',
] as const;
/** Of these a number is how many, and may be shown. */
const COUNTED_NAMES = ['pushkeys', 'tokens', 'rejected', 'devices', 'notifications', 'dispatches'] as const;

type SensitiveName = (typeof SENSITIVE_NAMES)[number];
type CountedName = (typeof COUNTED_NAMES)[number];
type ForbiddenName = Exclude<SensitiveName, CountedName>;
type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/**
 * Fields of one log line: any value, but a name that could carry a secret does not compile (and is redacted if it
 * comes).
 */
export type LogFields = Readonly<
  Record<string, unknown> &
    Partial<Record<ForbiddenName | CamelCase<ForbiddenName>, never>> &
    Partial<Record<CountedName, number | undefined>>
>;

/** What stands in the place of a secret. */
export const REDACTED = '[redacted]';
/** Longest string of a field, in UTF-16 units: a line is for reading, and a hostile value must not fill the disk. */
export const MAX_FIELD_CHARS = 1000;
const MAX_DEPTH = 6;
/** Values in one line, all levels together: bounds the work whatever the shape. */
const MAX_VALUES = 200;
/** pino writes these itself; a field of the same name would make the key come twice in one JSON object. */
const RESERVED_NAMES: ReadonlySet<string> = new Set(['level', 'time', 'pid', 'role', 'version', 'msg']);

const normalise = (name: string): string => name.replace(/[_\-.\s]/g, '').toLowerCase();
const sensitive: ReadonlySet<string> = new Set(SENSITIVE_NAMES.map(normalise));
const counted: ReadonlySet<string> = new Set(COUNTED_NAMES);
/** Verdict by the name as written: the usual names are not normalised each time. Bounded, since names may be data. */
const verdicts = new Map<string, boolean>();
const MAX_VERDICTS = 500;

/** The names that are redacted, for the documentation and the tests. */
export const sensitiveNames: readonly string[] = SENSITIVE_NAMES;

function isSensitive(name: string): boolean {
  const known = verdicts.get(name);
  if (known !== undefined) {
    return known;
  }
  const verdict = sensitive.has(normalise(name));
  if (verdicts.size < MAX_VERDICTS) {
    verdicts.set(name, verdict);
  }
  return verdict;
}

interface Budget {
  left: number;
}

/**
 * A plain copy of the fields that is safe to write: sensitive names redacted at any depth, errors described without
 * their arguments, long strings cut, binary left out, depth and size bounded. Never throws.
 *
 * This does what pino's `redact` paths do, and what they cannot: they need the depth spelled out in the path.
 */
export function sanitizeFields(fields: object): Record<string, unknown> {
  const clean = sanitizeObject(fields, MAX_DEPTH, { left: MAX_VALUES });
  for (const name of RESERVED_NAMES) {
    if (name in clean) {
      clean[`field_${name}`] = clean[name];
      delete clean[name];
    }
  }
  return clean;
}

function sanitizeObject(value: object, depth: number, budget: Budget): Record<string, unknown> {
  // Without a prototype: a key called __proto__ is a key like any other.
  const clean = Object.create(null) as Record<string, unknown>; // Object.create is typed any
  for (const name of Object.keys(value)) {
    if (budget.left <= 0) {
      clean.truncated = true;
      break;
    }
    budget.left -= 1;
    const property = readProperty(value, name);
    clean[name] = mayShow(name, property) ? sanitizeValue(property, depth - 1, budget) : REDACTED;
  }
  return clean;
}

function mayShow(name: string, value: unknown): boolean {
  return value === undefined || !isSensitive(name) || (counted.has(name) && typeof value === 'number');
}

/** A getter may throw; a log line must not. */
function readProperty(value: object, name: string): unknown {
  try {
    return Reflect.get(value, name);
  } catch {
    return '[unreadable]';
  }
}

function sanitizeValue(value: unknown, depth: number, budget: Budget): unknown {
  switch (typeof value) {
    case 'string':
      return sanitizeString(value);
    case 'number':
    case 'boolean':
    case 'undefined':
      return value;
    case 'bigint':
      return value.toString();
    case 'symbol':
    case 'function':
      return `[${typeof value}]`;
    case 'object':
      return value === null ? null : sanitizeComplex(value, depth, budget);
  }
}

function sanitizeString(value: string): string {
  if (value.includes('-----BEGIN')) {
    return REDACTED; // PEM: a key or a certificate, whatever the field is called
  }
  return value.length <= MAX_FIELD_CHARS ? value : `${value.slice(0, MAX_FIELD_CHARS)}…`;
}

function sanitizeComplex(value: object, depth: number, budget: Budget): unknown {
  if (isError(value)) {
    return describeError(value);
  }
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? '[invalid date]' : value.toISOString();
  }
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return `[binary, ${value.byteLength} bytes]`;
  }
  if (value instanceof Map || value instanceof Set) {
    return `[${value.size} entries]`; // the keys of a map are often what must not be shown
  }
  if (depth <= 0) {
    return '[nested]';
  }
  return Array.isArray(value) ? sanitizeArray(value, depth, budget) : sanitizeObject(value, depth, budget);
}

function sanitizeArray(values: readonly unknown[], depth: number, budget: Budget): unknown[] {
  const clean: unknown[] = [];
  for (const value of values) {
    if (budget.left <= 0) {
      clean.push('[truncated]');
      break;
    }
    budget.left -= 1;
    clean.push(sanitizeValue(value, depth - 1, budget));
  }
  return clean;
}
