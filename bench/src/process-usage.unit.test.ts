import { cpuTimeMs, residentBytes, watchCpu } from './process-usage';

const isLinux = process.platform === 'linux';

it('reads the CPU time that this process has used', () => {
  const own = process.cpuUsage();
  const ownMs = (own.user + own.system) / 1000;
  // Hundredths of a second, and a little went by between the two looks.
  if (isLinux) expect(Math.abs(cpuTimeMs(process.pid) - ownMs)).toBeLessThan(200);
});

it('reads resident memory', () => {
  if (isLinux) expect(residentBytes(process.pid)).toBeGreaterThan(10 * 2 ** 20);
});

it('counts from the start of the watch, by name', () => {
  const used = watchCpu({ self: process.pid });
  const until = process.cpuUsage().user + 60_000;
  while (process.cpuUsage().user < until);
  expect(used().self).toBeGreaterThanOrEqual(isLinux ? 40 : 0);
});

it('says 0 for a process that has gone', () => {
  const LARGER_THAN_ANY_PID = 2 ** 30;
  expect(cpuTimeMs(LARGER_THAN_ANY_PID)).toBe(0);
  expect(residentBytes(LARGER_THAN_ANY_PID)).toBe(0);
});
