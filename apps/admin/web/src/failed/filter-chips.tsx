import { FILTER_LABELS, FILTER_NAMES, type FailedFilter, type FilterName } from './failed-filter';

interface FilterChipsProps {
  readonly filter: FailedFilter;
  readonly onChange: (filter: FailedFilter) => void;
}

/** What the list is narrowed to, each to be taken away. */
export function FilterChips({ filter, onChange }: FilterChipsProps) {
  const set = FILTER_NAMES.filter((name) => filter[name]);
  if (set.length === 0) return null;
  const without = (name: FilterName): FailedFilter => ({ ...filter, [name]: '' });
  return (
    <ul class="chips" aria-label="Filters in use">
      {set.map((name) => (
        <li key={name}>
          <button
            type="button"
            class="small secondary outline"
            aria-label={`Remove filter: ${FILTER_LABELS[name]} ${filter[name]}`}
            onClick={() => {
              onChange(without(name));
            }}
          >
            {FILTER_LABELS[name]}: {filter[name]} <span aria-hidden="true">×</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
