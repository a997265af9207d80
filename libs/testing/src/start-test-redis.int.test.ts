import { connect } from 'node:net';

import { startTestRedis } from './start-test-redis';

describe('startTestRedis', () => {
  it('is a real, empty Redis that never evicts', async () => {
    const redis = await startTestRedis();
    try {
      expect(await talk(redis.port, 'DBSIZE\r\n')).toBe(':0\r\n');
      expect(await talk(redis.port, 'CONFIG GET maxmemory-policy\r\n')).toContain('noeviction');
      expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}`);
    } finally {
      await redis.stop();
    }
  });

  it('comes back on the same port after a crash', async () => {
    const first = await startTestRedis();
    await first.kill();
    const second = await startTestRedis({ port: first.port });
    expect(second.url).toBe(first.url);
    expect(second.pid).not.toBe(first.pid);
    await second.stop();
  });
});

function talk(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(command));
    socket.setEncoding('utf8').once('data', (answer: string) => {
      socket.destroy();
      resolve(answer);
    });
    socket.once('error', reject);
  });
}
