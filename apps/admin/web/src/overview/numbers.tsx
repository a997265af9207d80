import { useId } from 'preact/hooks';

interface NumbersProps {
  readonly label: string;
  /** What is counted, the count, and where it leads. */
  readonly numbers: readonly (readonly [name: string, value: string, link?: string])[];
}

/** A row of counts with their names below. */
export function Numbers({ label, numbers }: NumbersProps) {
  const id = useId();
  return (
    <>
      <p class="numbers-label" id={id}>
        {label}
      </p>
      <dl class="numbers" aria-labelledby={id}>
        {numbers.map(([name, value, link]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{link ? <a href={link}>{value}</a> : value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
