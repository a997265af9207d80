import { isIPv4, isIPv6 } from 'node:net';

const GROUPS = 8;
/** What stands before an IPv4 address that is written as IPv6 (RFC 4291, 2.5.5.2), and in its older, translated form (RFC 2765). */
const MAPPED = ['0:0:0:0:0:ffff', '0:0:0:0:ffff:0'];
const MAPPED_GROUPS = 6;
/** Groups of 16 bits that name the network: whoever has one IPv6 address has all 2^64 of its network (RFC 4291, 2.5.1). */
const NETWORK_GROUPS = 4;

/**
 * Whom limits and turns count as one sender: an IPv4 address, also when it is written as IPv6, or the /64 of an IPv6
 * address. Anything else, also what a trusted proxy made up, is one sender together.
 */
export function sourceKey(address: string): string {
  if (isIPv4(address)) return address;
  const [bare = ''] = address.split('%');
  if (!isIPv6(bare)) return 'unknown';
  const groups = allGroups(bare);
  if (!MAPPED.includes(groups.slice(0, MAPPED_GROUPS).join(':'))) return `${groups.slice(0, NETWORK_GROUPS).join(':')}::/64`;
  const bytes = groups.slice(MAPPED_GROUPS).flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]);
  return bytes.join('.');
}

/** Eight groups of hexadecimal digits without zeros in front. */
function allGroups(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = tail === undefined ? 0 : Math.max(0, GROUPS - before.length - after.length);
  return [...before, ...Array.from({ length: zeros }, () => '0'), ...after].map((group) => Number.parseInt(group, 16).toString(16));
}

function groupsOf(part: string): string[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => (group.includes('.') ? dottedGroups(group) : [group]));
}

/** An IPv4 address stands for the last two groups. */
function dottedGroups(address: string): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  return [((a << 8) | b).toString(16), ((c << 8) | d).toString(16)];
}
