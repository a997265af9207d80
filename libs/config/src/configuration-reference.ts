import type { z } from 'zod';

import { variableName } from './environment-overrides';
import { describeKey, keysOf, unwrap } from './schema-walk';

/** A table of the reference: the keys below one path. */
export interface ReferenceSection {
  /** Where the keys stand: `[]` for the whole file, `['apps', '<app id>']` for those of an app. */
  readonly path: readonly string[];
  readonly schema: z.ZodType;
}

interface Row {
  readonly path: readonly string[];
  readonly schema: z.ZodType;
}

/**
 * The tables of docs/configuration.md: key, type, default, meaning and environment variable of everything in a schema.
 * Descriptions come from `.describe()` or `.meta({ description, type, example, secret })` of each key.
 */
export function configurationReference({ path, schema }: ReferenceSection): string {
  const keys = [...keysOf(schema)];
  const direct = keys
    .filter(([, child]) => keysOf(child).size === 0)
    .map(([key, child]) => ({ path: [...path, key], schema: child }));
  const nested = keys.filter(([, child]) => keysOf(child).size > 0);
  const isApp = path[0] === 'apps';
  // An app is one table; the file has one for each section.
  if (isApp) return table([...direct, ...nested.flatMap(([key, child]) => rowsBelow([...path, key], child))], path);
  const sections = nested.map(([key, child]) => {
    const { description = '' } = describeKey(child);
    return `### ${key}\n\n${description}\n\n${table(rowsBelow([key], child), [])}`;
  });
  const single = direct.length === 0 ? [] : [`### Single keys\n\n${table(direct, [])}`];
  return [...sections, ...single].join('\n');
}

function rowsBelow(path: readonly string[], schema: z.ZodType): readonly Row[] {
  return [...keysOf(schema)].flatMap(([key, child]) =>
    keysOf(child).size > 0 ? rowsBelow([...path, key], child) : [{ path: [...path, key], schema: child }],
  );
}

/** `hidden`: the part of the path that the table's place says already. */
function table(rows: readonly Row[], hidden: readonly string[]): string {
  const lines = rows.map(({ path, schema }) => {
    const { description = '', type = '', fallback, required, example, secret } = describeKey(schema);
    const shown = example === undefined || fallback !== undefined ? '' : ` Example: ${code(example)}.`;
    const cells = [
      code(path.slice(hidden.length).join('.')),
      secret ? `${type}, secret` : type,
      required ? 'required' : fallback === undefined ? '' : code(fallback),
      `${description}${shown}`,
      code(variableName(path)),
    ];
    return `| ${cells.map(escapeCell).join(' | ')} |`;
  });
  return ['| key | type | default | meaning | environment |', '|---|---|---|---|---|', ...lines, ''].join('\n');
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function escapeCell(cell: string): string {
  return cell.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** Keys of a mapping schema that have no description: a documentation test wants none. */
export function undescribedKeys(schema: z.ZodType): readonly string[] {
  return [...keysOf(unwrap(schema))].flatMap(([key, child]) => {
    const below = keysOf(child);
    if (below.size > 0) return undescribedKeys(child).map((name) => `${key}.${name}`);
    return describeKey(child).description === undefined ? [key] : [];
  });
}

/**
 * A document with the block `name` replaced: what stands between the lines `<!-- generated: name -->` and
 * `<!-- /generated: name -->`. A missing block is an error, since nothing could be compared.
 */
export function withGenerated(document: string, name: string, content: string): string {
  const start = `<!-- generated: ${name} -->\n`;
  const end = `<!-- /generated: ${name} -->`;
  const from = document.indexOf(start);
  const to = document.indexOf(end);
  if (from === -1 || to < from) throw new Error(`the document has no block between "${start.trim()}" and "${end}"`);
  return `${document.slice(0, from + start.length)}\n${content.trim()}\n\n${document.slice(to)}`;
}
