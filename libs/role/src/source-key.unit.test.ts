import fc from 'fast-check';
import { sourceKey } from './source-key';

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::FFFF:192.0.2.7', '192.0.2.7'],
  ['::ffff:c000:207', '192.0.2.7'],
  ['0:0:0:0:0:ffff:C000:0207', '192.0.2.7'],
  ['::ffff:0:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/64'],
  ['unknown', 'unknown'],
  ['', 'unknown'],
  ['1.2.3.4, 5.6.7.8', 'unknown'],
  ['::ffff:999.1.1.1', 'unknown'],
])('%s counts as %s', (address, expected) => {
  expect(sourceKey(address)).toBe(expected);
});

it('all addresses of an IPv6 network are one sender, those of another are another', () => {
  const group = fc.integer({ min: 0, max: 0xffff });
  const host = fc.array(group, { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(host, host, host, (network, one, other) => {
      const key = (...groups: number[]) => sourceKey(groups.map((each) => each.toString(16)).join(':'));
      expect(key(...network, ...one)).toBe(key(...network, ...other));
      const [first = 0, ...rest] = network;
      expect(key(first ^ 1, ...rest, ...one)).not.toBe(key(...network, ...one));
    }),
  );
});
