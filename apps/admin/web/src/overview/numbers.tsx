interface NumbersProps {
  readonly label: string;
  /** What is counted, the count, and where it leads. */
  readonly numbers: readonly (readonly [name: string, value: string, link?: string])[];
  readonly unit?: string;
}

/** A row of counts with their names below. */
export function Numbers({ label, numbers, unit }: NumbersProps) {
  return (
    <dl class="numbers" aria-label={label} title={label}>
      {numbers.map(([name, value, link]) => (
        <div key={name}>
          <dt>
            {name}
            {unit && <span> {unit}</span>}
          </dt>
          <dd>{link ? <a href={link}>{value}</a> : value}</dd>
        </div>
      ))}
    </dl>
  );
}
