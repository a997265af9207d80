import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@reveille/testing';
import { z } from 'zod';

const root = join(__dirname, '../..');

function nx(...args: string[]) {
  return spawnSync(process.execPath, ['node_modules/.bin/nx', ...args], {
    cwd: root,
    env: { ...process.env, NX_DAEMON: 'false' },
    encoding: 'utf8',
  });
}

/**
 * Lints the one deliberate violation (tools/boundary-violation) as `npm run lint` lints everything: through Nx, since
 * eslint without a project graph finds nothing wrong with any import.
 */
it('refuses imports that the directions forbid', () => {
  const lint = nx('run', 'boundary-violation:lint-deliberately', '--output-style=static');
  expect(lint.status).not.toBe(0);
  expect(lint.stdout).toContain('A project tagged with "type:feature" can only depend on libs tagged with "type:model"');
  expect(lint.stdout).toContain('A project tagged with "type:feature" is not allowed to import "ioredis"');
}, 60_000);

/** Without these edges a cached build would outlive a change of the libraries that it was made from. */
it('knows from which libraries an app is built', async () => {
  const folder = await temporaryDirectory();
  const file = join(folder.path, 'graph.json');
  nx('graph', `--file=${file}`);
  const { graph } = z
    .object({ graph: z.object({ dependencies: z.record(z.string(), z.array(z.object({ target: z.string() }))) }) })
    .parse(JSON.parse(readFileSync(file, 'utf8')));
  await folder.remove();
  expect(graph.dependencies.ingress?.map(({ target }) => target)).toEqual(expect.arrayContaining(['queue', 'relay', 'notification']));
}, 60_000);
