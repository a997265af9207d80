import { suggest } from './suggest';

test.each([
  ['tpoic', 'topic'],
  ['topci', 'topic'],
  ['Topic', 'topic'],
  ['bindAddresses', 'bind_addresses'],
  ['bind-addresses', 'bind_addresses'],
  ['prot', 'port'],
  ['servce_account_file', 'service_account_file'],
])('%s is probably %s', (text, meant) => {
  expect(suggest(text, ['host', 'port', 'topic', 'bind_addresses', 'service_account_file'])).toBe(meant);
});

test.each(['colour', 'x', '', 'a'.repeat(100_000)])('nothing is near %s', (text) => {
  expect(suggest(text, ['topic', 'platform'])).toBeUndefined();
});
