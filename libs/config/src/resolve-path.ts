import { resolve } from 'node:path';

/** A path from the configuration: relative ones start at the folder of the file (`LoadedConfig.baseDirectory`). */
export function resolvePath(baseDirectory: string, path: string): string {
  return resolve(baseDirectory, path);
}
