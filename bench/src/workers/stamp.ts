/** 10^12 microseconds, twelve digits, are eleven days. */
const MODULUS = 10n ** 12n;
const NS_PER_US = 1000n;
/** Apple's path, `/3/device/` and the device token in hex; twelve digits of base64 are nine bytes, eighteen digits of hex. */
const TOKEN_START = '/3/device/'.length;
const TOKEN_END = TOKEN_START + 18;
const ALL_DIGITS = /^\d{12}$/;

/** Microseconds of the monotonic clock, which all processes of a machine share. */
export function monotonicUs(): number {
  return Number((process.hrtime.bigint() / NS_PER_US) % MODULUS);
}

/** The serial number at the start of the device token in an APNs path; undefined: not one of the load generator's. */
export function stampOfPath(path: string): number | undefined {
  const text = Buffer.from(path.slice(TOKEN_START, TOKEN_END), 'hex').toString('base64');
  return ALL_DIGITS.test(text) ? Number(text) : undefined;
}
