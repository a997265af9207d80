import { runCommand } from '@reveille/embedded-redis';

/** A browser that starts on this machine. */
export interface Chromium {
  readonly command: string;
  /** What it needs beside PATH and a home of its own. */
  readonly environment: Readonly<Record<string, string>>;
  readonly version: string;
}

export type ProbeResult = ({ readonly ok: true } & Chromium) | { readonly ok: false; readonly message: string };

/** A cold start from a slow disk. */
const PROBE_TIMEOUT_MS = 30_000;
/** The page is built for nothing older (tools/build-web.mjs). */
const OLDEST_MAJOR = 110;
const VERSION = /(?:Chromium|Chrome)\D*((\d+)\.[\d.]+)/;

/** Whether `command` is a Chromium that has all its libraries, and is new enough for the page. Never throws. */
export async function probeBrowser(command: string, environment: Chromium['environment'] = {}): Promise<ProbeResult> {
  const { code, output } = await runCommand(command, ['--version'], {
    timeoutMs: PROBE_TIMEOUT_MS,
    environment: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/', ...environment },
  });
  const [, version, major] = VERSION.exec(output) ?? [];
  if (code !== 0 || version === undefined) return { ok: false, message: `${command} --version: ${output || `exit code ${code}`}` };
  if (Number(major) < OLDEST_MAJOR) return { ok: false, message: `${command} is ${version}, older than ${OLDEST_MAJOR}` };
  return { ok: true, command, environment, version };
}
