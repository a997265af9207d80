import type { ComponentChildren } from 'preact';

interface WideTableProps {
  /** What the table is, for those who do not see it. */
  readonly label: string;
  readonly columns: readonly string[];
  /** Those of `columns` that hold numbers: aligned to the right, as their cells are. */
  readonly numbers?: readonly string[];
  readonly children: ComponentChildren;
}

/** A table that becomes a stack of cards where the page is narrow: each cell then says its column's name (`Cell`). */
export function WideTable({ label, columns, numbers = [], children }: WideTableProps) {
  return (
    <div class="table-box">
      <table class="stacking striped" aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" class={numbers.includes(column) ? 'number' : undefined}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

interface CellProps {
  /** The name of its column; empty: none is needed. */
  readonly of: string;
  readonly number?: boolean;
  readonly children: ComponentChildren;
}

/** A cell of a `WideTable`. */
export function Cell({ of, number = false, children }: CellProps) {
  return (
    <td data-column={of || undefined} class={number ? 'number' : undefined}>
      <div>{children}</div>
    </td>
  );
}
