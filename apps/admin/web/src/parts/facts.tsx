import type { ComponentChildren } from 'preact';

/** A name and what belongs to it; rows whose value is undefined are left out. */
export type Fact = readonly [name: string, value: ComponentChildren];

/** A list of names and values. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) =>
        value === undefined ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
