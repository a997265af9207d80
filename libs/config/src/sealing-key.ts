const HEX = /^[0-9a-f]{64}$/i;
/** Either alphabet (RFC 4648 sections 4 and 5), with or without the padding. */
const BASE64 = /^[\w+/-]{43}=?$/;

/** The 32 bytes of a key in hex or base64, or undefined. */
export function parseSealingKey(text: string): Buffer | undefined {
  if (HEX.test(text)) return Buffer.from(text, 'hex');
  return BASE64.test(text) ? Buffer.from(text, 'base64') : undefined;
}

/** The keys of `privacy.sealing_keys`, newest first; none when pushes are not sealed. */
export function sealingKeys({ sealing_keys = [] }: { readonly sealing_keys?: readonly string[] | undefined }): readonly Buffer[] {
  return sealing_keys.flatMap((text) => parseSealingKey(text) ?? []);
}

