import { parseRoleArguments } from './role-arguments';

describe('parseRoleArguments', () => {
  it('reads what a role understands', () => {
    const args = ['--config', 'a.yaml', '--http-port', '0', '--metrics-port=5004', '--redis-url', 'redis://h'];
    expect(parseRoleArguments(args)).toEqual({
      ok: true, values: { config: 'a.yaml', httpPort: 0, metricsPort: 5004, redisUrl: 'redis://h' },
    });
    expect(parseRoleArguments([])).toEqual({ ok: true, values: {} });
  });

  it.each([
    [['--http-port', 'x'], '--http-port must be a port'],
    [['--http-port', '65536'], '--http-port must be a port'],
    [['--metrics-port', '-1'], '--metrics-port'],
    [['--conifg', 'a'], '--conifg'],
    [['a.yaml'], 'a.yaml'],
    [['--config'], '--config'],
  ])('says what is wrong with %j', (args, message) => {
    const parsed = parseRoleArguments(args);
    expect(parsed).toMatchObject({ ok: false });
    expect(JSON.stringify(parsed)).toContain(message);
  });
});
