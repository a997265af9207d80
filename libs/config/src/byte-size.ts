import { z } from 'zod';

const UNIT_BYTES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};
const BYTE_SIZE = /^(\d+(?:\.\d+)?) ?(b|kb|mb|gb|kib|mib|gib)?$/i;

/**
 * Reads `512KiB`, `1MB`, `100B`; a bare number is in bytes.
 *
 * @returns bytes, rounded; undefined when it is no size.
 */
export function parseByteSize(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return undefined;
  const match = BYTE_SIZE.exec(text);
  if (!match) return undefined;
  const bytes = Math.round(Number(match[1]) * (UNIT_BYTES[(match[2] ?? 'b').toLowerCase()] ?? Number.NaN));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

export interface ByteSizeOptions {
  readonly description: string;
  /** Bytes. */
  readonly min: number;
  /** Bytes. */
  readonly max: number;
}

/** A size: text with a unit, or a number of bytes, in the file; bytes in the settings. */
export function byteSize({ description, min, max }: ByteSizeOptions) {
  return z
    .unknown()
    .transform((value, context): number => {
      const bytes = parseByteSize(value);
      if (bytes !== undefined && bytes >= min && bytes <= max) return bytes;
      context.addIssue(
        bytes === undefined
          ? 'must be a size: a number with B, KB, MB, KiB or MiB, or a number of bytes'
          : `must be between ${String(min)} and ${String(max)} bytes`,
      );
      return z.NEVER;
    })
    .meta({ description, type: 'size', example: '512KiB' });
}
