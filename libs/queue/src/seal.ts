import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';

/** Bytes of a sealing key: AES-256. */
export const SEALING_KEY_BYTES = 32;

const CIPHER = 'aes-256-gcm';
/** 96 bits, what GCM is made for (NIST SP 800-38D, section 8.2). */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Enough to tell a handful of keys apart, and says nothing about the key. */
const KEY_ID_CHARACTERS = 8;

/** What a sealed text belongs to: it opens nowhere else. */
export interface SealedPlace {
  readonly appKey: string;
  readonly jobId: string;
  /** What stands beside it in the clear. */
  readonly beside: string;
}

export type Opened =
  | { readonly kind: 'opened'; readonly text: string }
  | { readonly kind: 'key-unknown' } // ours to mend: a key is missing from the configuration
  | { readonly kind: 'tampered' }; // does not authenticate, or is no sealed text at all

/** Seals texts with the newest key and opens those of every key. */
export interface Seal {
  /** `KEYID.` and base64url of nonce, ciphertext and tag. */
  seal(text: string, place: SealedPlace): string;
  /** Never throws. */
  open(sealed: string, place: SealedPlace): Opened;
}

/**
 * AES-256-GCM over the data of jobs, see ADR 0014. Each job is sealed under a key of its own, derived from the sealing key and
 * the job's place (HKDF-Expand, RFC 5869 section 2.3), so that there is no number of pushes after which random nonces of one key
 * would meet. The place is authenticated too, and what stands beside the sealed text.
 *
 * @param keys newest first, 32 bytes each; at least one
 */
export function createSeal(keys: readonly [Buffer, ...Buffer[]]): Seal {
  const byId = new Map(keys.map((key) => [keyIdOf(key), key]));
  const [newest] = keys;
  const newestId = keyIdOf(newest);
  return {
    seal(text, place) {
      const context = contextOf(place);
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, jobKey(newest, context), nonce, { authTagLength: TAG_BYTES }).setAAD(authenticated(context, place));
      const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${newestId}.${sealed.toString('base64url')}`;
    },
    open(sealed, place) {
      if (sealed[KEY_ID_CHARACTERS] !== '.') return { kind: 'tampered' };
      const key = byId.get(sealed.slice(0, KEY_ID_CHARACTERS));
      if (!key) return { kind: 'key-unknown' };
      return unseal(Buffer.from(sealed.slice(KEY_ID_CHARACTERS + 1), 'base64url'), key, place);
    },
  };
}

function unseal(bytes: Buffer, key: Buffer, place: SealedPlace): Opened {
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return { kind: 'tampered' };
  const tagAt = bytes.length - TAG_BYTES;
  const context = contextOf(place);
  try {
    const decipher = createDecipheriv(CIPHER, jobKey(key, context), bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(authenticated(context, place))
      .setAuthTag(bytes.subarray(tagAt));
    const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, tagAt)), decipher.final()]);
    return { kind: 'opened', text: text.toString('utf8') };
  } catch {
    // OpenSSL says no more than that it does not authenticate.
    return { kind: 'tampered' };
  }
}

/** The length keeps ("ab", "c") and ("a", "bc") apart. */
function contextOf({ appKey, jobId }: SealedPlace): Buffer {
  return Buffer.from(`reveille job 1:${appKey.length}:${appKey}:${jobId}`, 'utf8');
}

/** Where the context ends needs no mark of its own: another context is another key. */
function authenticated(context: Buffer, { beside }: SealedPlace): Buffer {
  return Buffer.concat([context, SEPARATOR, Buffer.from(beside, 'utf8')]);
}

const SEPARATOR = Buffer.of(0);

/** HKDF-Expand for one block: the sealing key is uniformly random, so there is nothing to extract. */
function jobKey(key: Buffer, context: Buffer): Buffer {
  return createHmac('sha256', key).update(context).update(ONE).digest();
}

const ONE = Buffer.of(1);

function keyIdOf(key: Buffer): string {
  const hash = createHash('sha256').update('reveille sealing key id:').update(key);
  return hash.digest('base64url').slice(0, KEY_ID_CHARACTERS);
}
