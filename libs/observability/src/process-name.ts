import { hostname } from 'node:os';

/** How this process is called wherever processes are told apart: its host (in a container, the container) and its number. */
export function processName(): string {
  return `${hostname()}:${process.pid}`;
}
