import type { Machine } from './machine';
import type { Row } from './row';

/** What `--json` writes. */
export interface Report {
  readonly machine: Machine;
  readonly rows: readonly Row[];
}

const HEADINGS = ['', 'value', 'unit', 'limit', 'ratio', 'spread', 'to reach', ''] as const;
/** Columns of text; the others are figures and stand at the right. */
const TEXT_COLUMNS: readonly number[] = [0, 2, 6, 7];

/** The rows as a table for a terminal. */
export function formatTable(rows: readonly Row[]): string {
  const cells = [[...HEADINGS], ...rows.map(toCells)];
  const widths = HEADINGS.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) => `${formatLine(row, widths)}\n`).join('');
}

function toCells({ name, value, unit, limit, ratio, spread, target, ok }: Row): string[] {
  const [low, high] = spread.map(formatFigure);
  return [
    name,
    formatFigure(value),
    unit,
    limit === null ? '' : formatFigure(limit),
    ratio === null ? '' : formatFigure(ratio),
    low === high ? '' : `${low}..${high}`,
    target ?? '',
    ok === null ? '' : ok ? 'reached' : 'NOT REACHED',
  ];
}

function formatLine(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, column) => {
      const width = widths[column] ?? 0;
      return TEXT_COLUMNS.includes(column) ? cell.padEnd(width) : cell.padStart(width);
    })
    .join('  ')
    .trimEnd();
}

/** Three digits say all that a shared machine can tell. */
function formatFigure(figure: number): string {
  const magnitude = Math.abs(figure);
  if (magnitude >= 100) return figure.toFixed(0);
  if (magnitude >= 10) return figure.toFixed(1);
  return magnitude >= 1 ? figure.toFixed(2) : figure.toFixed(3);
}
