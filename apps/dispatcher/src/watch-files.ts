import { errorCode } from '@reveille/observability';
import { stat } from 'node:fs/promises';

export interface FileWatchOptions {
  /** Absolute paths. */
  readonly files: readonly string[];
  /** Milliseconds from the end of one look to the next. */
  readonly intervalMs: number;
  /**
   * The files are not what they were when it was last called, and have stayed the same for one look, so that nobody is in
   * the middle of writing them. Also called once at the beginning. Must not reject.
   */
  readonly onSettled: () => Promise<void>;
}

export interface FileWatch {
  close(): void;
}

/**
 * Looks at files every now and then. Not `fs.watch`: its events do not come from network and overlay file systems, and it
 * loses a file that is replaced by rename or, as Kubernetes does it, by a symbolic link to its folder.
 */
export function watchFiles({ files, intervalMs, onSettled }: FileWatchOptions): FileWatch {
  let lastSeen: string | undefined;
  let lastSettled: string | undefined;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const look = async (): Promise<void> => {
    const seen = await traces(files);
    const isSettled = seen === lastSeen;
    lastSeen = seen;
    if (!isSettled || seen === lastSettled || closed) return;
    lastSettled = seen;
    await onSettled();
  };
  const plan = (): void => {
    // One look at a time: a file system that hangs must not gather them.
    timer = setTimeout(() => {
      void look().then(() => {
        if (!closed) plan();
      });
    }, intervalMs);
  };
  plan();
  return {
    close: () => {
      closed = true;
      clearTimeout(timer);
    },
  };
}

/** What differs whenever a file was written, replaced or is missing. */
async function traces(files: readonly string[]): Promise<string> {
  return (await Promise.all(files.map(trace))).join('\n');
}

/** Follows symbolic links. Size beside the times: two writes within one tick of the file system's clock. */
async function trace(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(':');
  } catch (error) {
    return errorCode(error) ?? 'unknown error';
  }
}
