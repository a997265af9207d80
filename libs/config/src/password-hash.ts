import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/**
 * How expensive a password hash is (RFC 7914): `ln` is the logarithm of N, memory is 128 * r * 2^ln bytes. These take 32 MiB
 * and about 0.1 s.
 */
interface Cost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}
const COST: Cost = { ln: 15, r: 8, p: 1 };
/** Below it a stolen hash is too easily tried; above it a login costs this process too much. */
const LEAST_LN = 14;
const MOST_LN = 18;
const MOST_R = 16;
const MOST_P = 16;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Node refuses more than 32 MiB unless it is told. Bytes. */
const MAX_MEMORY_BYTES = 1024 * 2 ** MOST_LN;

interface ParsedHash extends Cost {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const PASSWORD_HASH =
  /^\$scrypt\$ln=(?<ln>\d{1,2}),r=(?<r>\d{1,2}),p=(?<p>\d{1,2})\$(?<salt>[A-Za-z0-9+/]{22,86})\$(?<hash>[A-Za-z0-9+/]{43,86})$/;

/**
 * A password as the configuration may hold it: `$scrypt$ln=15,r=8,p=1$SALT$HASH`, base64 without padding, as passlib and
 * others write it. Never the same twice.
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, { ...COST, salt, hash: Buffer.alloc(HASH_BYTES) });
  const { ln, r, p } = COST;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** Whether the password is the one of the hash; false for a text that is no hash. Takes about 0.1 s of another thread. */
export async function verifyPassword(password: string, passwordHash: string): Promise<boolean> {
  const parsed = parsePasswordHash(passwordHash);
  if (!parsed) return false;
  return timingSafeEqual(await derive(password, parsed), parsed.hash);
}

/** Whether a text is a hash that `verifyPassword` takes. */
export function isPasswordHash(text: string): boolean {
  return parsePasswordHash(text) !== undefined;
}

function parsePasswordHash(text: string): ParsedHash | undefined {
  const { groups } = PASSWORD_HASH.exec(text) ?? {};
  if (!groups) return undefined;
  const { salt = '', hash = '' } = groups;
  const cost = { ln: Number(groups.ln), r: Number(groups.r), p: Number(groups.p) };
  return isAffordable(cost) ? { ...cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') } : undefined;
}

function isAffordable({ ln, r, p }: Cost): boolean {
  const isWithin = (value: number, least: number, most: number): boolean => value >= least && value <= most;
  if (!isWithin(ln, LEAST_LN, MOST_LN) || !isWithin(r, 1, MOST_R) || !isWithin(p, 1, MOST_P)) return false;
  return 128 * r * 2 ** ln <= MAX_MEMORY_BYTES / 2;
}

/** Unicode has several spellings for one letter: typed on another keyboard, the password is still the same. */
function derive(password: string, { ln, r, p, salt, hash }: ParsedHash): Promise<Buffer> {
  const options = { N: 2 ** ln, r, p, maxmem: MAX_MEMORY_BYTES };
  return scryptAsync(password.normalize('NFKC'), salt, hash.length, options);
}

const scryptAsync = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
