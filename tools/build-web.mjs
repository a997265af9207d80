// Bundles the web page of an app: everything into files of our own, so that nothing is asked of anybody else.
// dist/apps/NAME/public: index.html and assets/ (named after their content, so that browsers may keep them).
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { build } from 'esbuild';

/** Packages whose code is in the bundle: their licences want to be passed on with it. */
const BUNDLED = ['preact', 'uplot', '@picocss/pico', 'zod'];

/** zod brings its messages in fifty languages, half of its size; ours are English. */
const englishOnly = {
  name: 'english-only',
  setup: ({ onLoad }) =>
    onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: "export { default as en } from './en.js';" })),
};

/** `source`: the folder with index.html, icon.svg and src/main.tsx. */
export async function buildWeb({ source, target }) {
  const assets = join(target, 'assets');
  await rm(target, { recursive: true, force: true });
  await mkdir(assets, { recursive: true });
  const { metafile } = await build({
    entryPoints: { page: join(source, 'src/main.tsx'), style: join(source, 'src/styles/page.css') },
    outdir: assets,
    entryNames: '[name]-[hash]',
    bundle: true,
    minify: true,
    platform: 'browser',
    target: ['chrome110', 'firefox115', 'safari16.4'],
    format: 'esm',
    tsconfig: join(source, 'tsconfig.json'),
    legalComments: 'none',
    sourcemap: false,
    metafile: true,
    plugins: [englishOnly],
    logLevel: 'warning',
  });
  const outputs = Object.keys(metafile.outputs).map((path) => basename(path));
  const named = (ending) => `assets/${outputs.find((name) => name.endsWith(ending))}`;
  const page = await readFile(join(source, 'index.html'), 'utf8');
  const icon = await readFile(join(source, 'icon.svg'));
  const iconName = `icon-${createHash('sha256').update(icon).digest('hex').slice(0, 8)}.svg`;
  await writeFile(join(assets, iconName), icon);
  const links = { script: named('.js'), style: named('.css'), icon: `assets/${iconName}` };
  await writeFile(join(target, 'index.html'), page.replace(/{{(\w+)}}/g, (_, name) => links[name]));
  await writeFile(join(assets, 'licenses.txt'), await licenses());
}

async function licenses() {
  const texts = BUNDLED.map(async (name) => {
    const text = await readFile(await firstOf(`node_modules/${name}`, ['LICENSE', 'LICENSE.md']), 'utf8');
    return `${name}\n\n${text.trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${'-'.repeat(72)}\n\n`);
}

async function firstOf(folder, names) {
  for (const name of names) {
    const path = join(folder, name);
    if (await readFile(path).then(() => true, () => false)) return path;
  }
  throw new Error(`no licence in ${folder}`);
}
