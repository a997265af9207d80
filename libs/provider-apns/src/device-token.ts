/** RFC 4648 section 4 and 5: one alphabet or the other, padded or not. One pass each, whatever the input. */
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const BASE64_URL = /^[A-Za-z0-9_-]+={0,2}$/;
const HEX = /^(?:[0-9a-fA-F]{2})+$/;

/**
 * The device token as APNs wants it in the path: hexadecimal digits.
 *
 * @param pushkey base64 of the device token; with `isHex` (`convert_device_token_to_hex: false`) hexadecimal already.
 * @returns undefined when it cannot be decoded or is empty: no device can have it.
 */
export function toDeviceToken(pushkey: string, isHex: boolean): string | undefined {
  if (isHex) return HEX.test(pushkey) ? pushkey : undefined;
  if (!BASE64.test(pushkey) && !BASE64_URL.test(pushkey)) return undefined;
  const digits = pushkey.replace(/=+$/, '');
  const isPaddedRight = digits.length === pushkey.length || pushkey.length % 4 === 0;
  // Six bits left over are not a byte.
  if (!isPaddedRight || digits.length % 4 === 1) return undefined;
  return Buffer.from(digits, 'base64').toString('hex');
}
