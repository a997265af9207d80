import { isIP } from 'node:net';

import { z } from 'zod';

/** Labels of letters, digits, `_` (compose names services so) and inner hyphens (RFC 1123, 2.1). */
const HOST_NAME = /^\w(?:[\w-]*\w)?(?:\.\w(?:[\w-]*\w)?)*$/;
/** RFC 1035, 2.3.4. */
const MAX_HOST_NAME_LENGTH = 253;
/** What a mistyped IPv4 address looks like; as a host name it would only fail much later, in DNS. */
const DIGITS_AND_DOTS = /^[\d.]+$/;
/** Express: names of address ranges that `trust proxy` knows. */
const TRUSTED_RANGES = ['loopback', 'linklocal', 'uniquelocal'];
const TRUSTED = `an IP address, a CIDR range or ${TRUSTED_RANGES.join(', ')}`;
const CIDR_BITS = { 4: 32, 6: 128 };

/** A TCP port to listen on; 0 = any free one. */
export function port(description: string) {
  return z.int().min(0).max(65_535).meta({ description, type: 'port' });
}

/** An address or host name to listen on. */
export function bindAddress(description: string) {
  return z
    .string()
    .refine(isBindAddress, 'must be an IP address (without brackets or a port) or a host name')
    .meta({ description, type: 'address', example: '127.0.0.1' });
}

function isBindAddress(value: string): boolean {
  if (isIP(value) !== 0) return true;
  return value.length <= MAX_HOST_NAME_LENGTH && HOST_NAME.test(value) && !DIGITS_AND_DOTS.test(value);
}

/** Several addresses: a list, or (in an environment variable) a text with commas. */
export function bindAddresses(description: string) {
  return z
    .preprocess(splitCommas, z.array(bindAddress(description)).min(1))
    .meta({ description, type: 'list of addresses', example: ['127.0.0.1', '::1'] });
}

/** Express's `trust proxy`: whose `X-Forwarded-For` is believed. */
export function trustProxy(description: string) {
  const trusted = addressRange(`must be ${TRUSTED}; or, instead of a list, true, false or a number of hops`);
  return z
    .preprocess(splitCommas, z.union([z.boolean(), z.int().min(0).max(100), z.array(trusted).min(1)]))
    .meta({ description, type: 'true, false, number of hops, or list of addresses', example: ['10.0.0.0/8'] });
}

/** Addresses and ranges of addresses: a list, or (in an environment variable) a text with commas. */
export function addressRanges(description: string) {
  return z
    .preprocess(splitCommas, z.array(addressRange(`must be ${TRUSTED}`)))
    .meta({ description, type: 'list of addresses', example: ['loopback', '10.0.0.0/8'] });
}

function addressRange(message: string) {
  return z.string().refine(isAddressRange, message).meta({ example: '10.0.0.0/8' });
}

function isAddressRange(value: string): boolean {
  if (TRUSTED_RANGES.includes(value)) return true;
  const [address = '', bits, ...rest] = value.split('/');
  const version = isIP(address);
  if (rest.length > 0 || (version !== 4 && version !== 6)) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= CIDR_BITS[version]);
}

/** What an environment variable gives for a list: its parts. */
export function splitCommas(value: unknown): unknown {
  return typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value;
}

/** `redis://` or `rediss://` (TLS), with credentials and database number if wanted. */
export function redisUrl(description: string) {
  return z
    .string()
    .refine((value) => hasScheme(value, ['redis:', 'rediss:']), 'must be a URL that starts with redis:// or rediss://')
    .meta({ description, type: 'URL', example: 'redis://127.0.0.1:6379' });
}

/** `http://` or `https://`. */
export function webUrl(description: string, example: string) {
  return z
    .string()
    .refine((value) => hasScheme(value, ['http:', 'https:']), 'must be a URL that starts with http:// or https://')
    .meta({ description, type: 'URL', example });
}

/** What turns a proxy off that would apply otherwise. */
export const NO_PROXY_AT_ALL = 'none';

/** An HTTP proxy for CONNECT, or `none`. */
export function proxyUrl(description: string) {
  return z
    .string()
    .refine(
      (value) => value === NO_PROXY_AT_ALL || hasScheme(value, ['http:']),
      `must be a URL that starts with http://, or ${NO_PROXY_AT_ALL}`,
    )
    .meta({ description, type: 'URL', example: 'http://user:password@proxy.example.com:3128' });
}

function hasScheme(value: string, schemes: readonly string[]): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url !== undefined && schemes.includes(url.protocol) && url.hostname !== '';
}

export interface TextOptions {
  readonly example: string;
  /** Never shown. */
  readonly secret?: boolean;
  /** Characters; 1 when absent. */
  readonly minLength?: number;
}

/** A text that is not empty. */
export function text(description: string, { minLength = 1, ...extra }: TextOptions) {
  return z
    .string()
    .min(minLength)
    .meta({ description, type: 'text', ...extra });
}

/** A path; relative to the folder of the configuration file. */
export function filePath(description: string, example: string) {
  return z.string().min(1).meta({ description, type: 'path', example });
}

/** A whole number from `min` up. */
export function count(description: string, min: number, example: number) {
  return z.int().min(min).meta({ description, type: 'number', example });
}
