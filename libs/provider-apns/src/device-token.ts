/** RFC 4648 section 4 and 5: one alphabet or the other, padded or not. One pass each, whatever the input. */
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const BASE64_URL = /^[A-Za-z0-9_-]+={0,2}$/;
/**
 * Matrix, POST /_matrix/client/v3/pushers/set: a pushkey has 512 bytes at most. So a device token has 384, and the path that
 * it goes into stays far from the 64 KB at which Node ends the whole session, with every other push in it.
 */
const MAX_PUSHKEY_LENGTH = 512;
const HEX = /^(?:[0-9a-fA-F]{2})+$/;

/**
 * The device token as APNs wants it in the path: hexadecimal digits.
 *
 * @param pushkey base64 of the device token; with `isHex` (`convert_device_token_to_hex: false`) hexadecimal already.
 * @returns undefined when it is empty, too long or cannot be decoded: no device can have it.
 */
export function toDeviceToken(pushkey: string, isHex: boolean): string | undefined {
  if (pushkey.length > MAX_PUSHKEY_LENGTH) return undefined;
  if (isHex) return HEX.test(pushkey) ? pushkey : undefined;
  if (!BASE64.test(pushkey) && !BASE64_URL.test(pushkey)) return undefined;
  const digits = pushkey.replace(/=+$/, '');
  const isPaddedRight = digits.length === pushkey.length || pushkey.length % 4 === 0;
  // Six bits left over are not a byte.
  if (!isPaddedRight || digits.length % 4 === 1) return undefined;
  return Buffer.from(digits, 'base64').toString('hex');
}
