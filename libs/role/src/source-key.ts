import { isIPv4, isIPv6 } from 'node:net';

const MAPPED_IPV4 = /^::ffff:(?:0:)?(\d+\.\d+\.\d+\.\d+)$/i;
const GROUPS = 8;
/** Groups of 16 bits that name the network: whoever has one IPv6 address has all 2^64 of its network (RFC 4291, 2.5.1). */
const NETWORK_GROUPS = 4;

/**
 * Whom limits and turns count as one sender: an IPv4 address, also when it is written as IPv6, or the /64 of an IPv6
 * address. Anything else, also what a trusted proxy made up, is one sender together.
 */
export function sourceKey(address: string): string {
  if (isIPv4(address)) return address;
  const mapped = MAPPED_IPV4.exec(address)?.[1];
  if (mapped !== undefined && isIPv4(mapped)) return mapped;
  const [bare = ''] = address.split('%');
  return isIPv6(bare) ? networkOf(bare) : 'unknown';
}

function networkOf(address: string): string {
  const [head = '', tail] = address.split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = tail === undefined ? 0 : Math.max(0, GROUPS - before.length - after.length);
  const groups = [...before, ...Array.from({ length: zeros }, () => '0'), ...after];
  const network = groups.slice(0, NETWORK_GROUPS).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}

function groupsOf(part: string): string[] {
  if (part === '') return [];
  // A dotted end stands for the last two groups, never for the network.
  return part.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]));
}
