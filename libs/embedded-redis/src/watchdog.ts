import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

/**
 * Node has no PR_SET_PDEATHSIG, and a supervisor that is killed with SIGKILL cannot clean up after itself. So a shell
 * waits on a pipe that only we hold: the kernel closes it however we die, and the shell then ends the server, politely
 * first (the append-only file is flushed), by force after 5 s. The shell is in a session of its own, so Ctrl-C and a
 * kill of our process group do not reach it.
 */
const SCRIPT = `
read -r _
kill -CONT "$1" 2>/dev/null
kill -TERM "$1" 2>/dev/null || exit 0
i=0
while [ "$i" -lt 50 ]; do
  kill -0 "$1" 2>/dev/null || exit 0
  sleep 0.1
  i=$((i + 1))
done
kill -KILL "$1" 2>/dev/null
`;

/** Ends the process `pid` when this process ends, by whatever cause. The returned function calls it off. */
export function guardWithWatchdog(pid: number): () => void {
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'reveille-watchdog', String(pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a shell there is no guard; the server still ends with every orderly stop.
  shell.once('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  // A child's pipe is a socket although its type does not say so; referenced it keeps this process alive.
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  return () => {
    shell.kill('SIGKILL');
  };
}
