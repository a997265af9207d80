import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const root = join(__dirname, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const versions = z.record(z.string(), z.string());
const { dependencies, devDependencies } = z
  .object({ dependencies: versions, devDependencies: versions })
  .parse(JSON.parse(read('package.json')));
const direct = { ...dependencies, ...devDependencies };

it('every direct dependency has its reason in docs/dependencies.md, and nothing else has', () => {
  const named = read('docs/dependencies.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name));
  expect(named.sort()).toEqual(Object.keys(direct).sort());
});

it('every direct dependency is pinned', () => {
  expect(Object.values(direct).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

it('the lock file names no registry and leaves no package out', () => {
  const lock = z
    .object({ packages: z.record(z.string(), z.object({ resolved: z.string().optional(), link: z.boolean().optional(), integrity: z.string().optional() })) })
    .parse(JSON.parse(read('package-lock.json')));
  const packages = Object.entries(lock.packages).filter(([path, { link }]) => path.startsWith('node_modules/') && !link);
  expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  expect(packages.filter(([, { integrity }]) => integrity === undefined)).toEqual([]);
});
