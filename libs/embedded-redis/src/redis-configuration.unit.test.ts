import { redisConfiguration } from './redis-configuration';

describe('redisConfiguration', () => {
  it('keeps a waiting push in one piece of memory', () => {
    expect(redisConfiguration({ port: 7000, persistence: 'none' })).toContain('hash-max-ziplist-value "4096"\n');
  });

  it('listens on loopback only, never evicts and keeps nothing unless told', () => {
    const lines = redisConfiguration({ port: 7000, persistence: 'none' }).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining(['bind "127.0.0.1"', 'port "7000"', 'maxmemory-policy "noeviction"', 'save ""', 'appendonly "no"']),
    );
  });

  it.each([
    ['everysec', 'everysec'],
    ['always', 'always'],
  ] as const)('persistence %s is an append-only file', (persistence, fsync) => {
    const lines = redisConfiguration({ port: 7000, persistence, directory: '/data' }).split('\n');
    expect(lines).toEqual(expect.arrayContaining(['appendonly "yes"', `appendfsync "${fsync}"`, 'dir "/data"']));
  });

  it('quotes values so that none can become another line', () => {
    const text = redisConfiguration({ port: 1, persistence: 'none', directory: '/a "b"\\c\nbind 0.0.0.0' });
    expect(text).toContain('dir "/a \\"b\\"\\\\c\\nbind 0.0.0.0"\n');
  });
});
