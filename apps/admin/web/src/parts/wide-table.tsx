import type { ComponentChildren } from 'preact';

interface WideTableProps {
  /** What the table is, for those who do not see it. */
  readonly label: string;
  readonly columns: readonly string[];
  readonly children: ComponentChildren;
}

/** A table that becomes a stack of cards where the page is narrow: each cell then says its column's name (`Cell`). */
export function WideTable({ label, columns, children }: WideTableProps) {
  return (
    <table class="stacking striped" aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
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
      {children}
    </td>
  );
}
