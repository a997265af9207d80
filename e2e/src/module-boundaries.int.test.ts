import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '../..');

/**
 * Lints the one deliberate violation (tools/boundary-violation) as `npm run lint` lints everything: through Nx, since
 * eslint without a project graph finds nothing wrong with any import.
 */
it('refuses imports that the directions forbid', () => {
  const lint = spawnSync(
    process.execPath,
    ['node_modules/.bin/nx', 'run', 'boundary-violation:lint-deliberately', '--output-style=static'],
    { cwd: root, env: { ...process.env, NX_DAEMON: 'false' }, encoding: 'utf8' },
  );
  expect(lint.status).not.toBe(0);
  expect(lint.stdout).toContain('A project tagged with "type:feature" can only depend on libs tagged with "type:model"');
  expect(lint.stdout).toContain('A project tagged with "type:feature" is not allowed to import "ioredis"');
}, 60_000);
