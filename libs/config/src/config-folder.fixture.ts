import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { z } from 'zod';

import { commonAppShape, configSchema, formatProblems, loadConfig } from './index';
import type { ConfigProblem, Environment } from './index';

/** As a provider refuses a name that it does not know. */
function checkOptions(options: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void {
  const known = ['android', 'apns'];
  const unknown = Object.keys(options).filter((key) => !known.includes(key));
  for (const key of unknown) {
    context.addIssue({ code: 'custom', path: [key], message: 'unknown field', params: { known } });
  }
}

/** Stands for the dispatcher's schema: two kinds of apps, told apart by `type`. */
export const schema = configSchema(
  z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('apns'),
      topic: z.string().meta({ description: '', example: 'com.example.app' }),
      key_id: z.string().optional(),
      keyfile: z.string().optional().meta({ secretFile: true }),
      ...commonAppShape,
    }),
    z.strictObject({
      type: z.enum(['fcm', 'gcm']),
      project_id: z.string(),
      mode: z.enum(['slow', 'steady']).optional(),
      options: z.record(z.string(), z.unknown()).superRefine(checkOptions).optional(),
      ...commonAppShape,
    }),
  ]),
);

/** The least that a file must hold. */
export const APP = 'apps:\n  com.example.ios:\n    type: apns\n    topic: com.example.app\n';

/** For tests: a folder of its own for each test, and the loader in it. */
export function configFolder() {
  let cwd = '';
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'reveille-config-'));
  });
  afterEach(() => {
    rmSync(cwd, { recursive: true });
  });

  const write = (text: string, name = 'reveille.yaml', mode = 0o600) => {
    writeFileSync(join(cwd, name), text, { mode });
  };
  const load = (text: string, environment: Environment = {}) => {
    write(text);
    return loadConfig({ schema, environment, cwd });
  };
  return {
    folder: () => cwd,
    write,
    load,
    settingsOf: (text: string, environment: Environment = {}) => {
      const loaded = load(text, environment);
      if (!loaded.ok) throw new Error(formatProblems(loaded.file, loaded.problems));
      return loaded.settings;
    },
    problemsOf: (text: string, environment: Environment = {}): readonly ConfigProblem[] => {
      const loaded = load(text, environment);
      return loaded.ok ? [] : loaded.problems;
    },
  };
}
