import { readFileSync } from 'node:fs';

/** Linux reports CPU times to programs in 1/100 s, whatever the kernel's own clock (USER_HZ, time(7)). */
const TICK_MS = 10;
/** Fields 14 and 15 of /proc/PID/stat (proc(5)) are utime and stime; counted from the state, which is field 3. */
const UTIME = 11;
const STIME = 12;

/** CPU time that a process (all its threads) has used since its start, in milliseconds; 0 where there is no /proc. */
export function cpuTimeMs(pid: number): number {
  const stat = readProc(pid, 'stat');
  // The second field is the name in brackets and may hold anything, spaces and brackets too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[UTIME] ?? 0) + Number(fields[STIME] ?? 0)) * TICK_MS;
}

/** Resident memory of a process in bytes; 0 where there is no /proc. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(pid, 'status'))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

/** Processes by what they are called in the report. */
export type Watched<Name extends string> = Readonly<Record<Name, number>>;

/** Starts measuring the CPU time of processes; what it returns gives the milliseconds of each since then. */
export function watchCpu<Name extends string>(pids: Watched<Name>): () => Record<Name, number> {
  // Object.entries forgets the key's type.
  const entries = Object.entries(pids) as [Name, number][];
  const before = entries.map(([, pid]) => cpuTimeMs(pid));
  return () => {
    const used = entries.map(([name, pid], index) => [name, cpuTimeMs(pid) - (before[index] ?? 0)]);
    return Object.fromEntries(used) as Record<Name, number>; // ... and fromEntries does too
  };
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
