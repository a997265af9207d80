import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';

import { describeProblem } from '../http/problem';
import { useAction } from '../hooks/use-action';
import { AppField } from '../parts/app-field';
import { PushkeyField, takePushkey } from '../parts/pushkey-field';
import { TextField } from '../parts/text-field';
import { useApi } from '../session/session-context';
import { FILTER_NAMES, tidyFilter, type FailedFilter, type FilterName } from './failed-filter';
import { FilterChips } from './filter-chips';

interface FilterFormProps {
  readonly filter: FailedFilter;
  readonly onChange: (filter: FailedFilter) => void;
}

/** Those that are always there; the others are behind "More filters". */
const FIRST: ReadonlySet<FilterName> = new Set<FilterName>(['app', 'outcome', 'reason', 'since']);

/** Narrows the failed pushes. The address gets what was typed, but of a pushkey only its hash. */
export function FilterForm({ filter, onChange }: FilterFormProps) {
  const outcomeId = useId();
  const api = useApi();
  const form = useRef<HTMLFormElement>(null);
  const pushkey = useRef<HTMLInputElement>(null);
  const [missing, setMissing] = useState('');
  const lookUp = useAction(
    ({ typed, key }: { typed: FailedFilter; key: string }) => api.lookUp(typed.app ?? '', key),
    ({ pushkey_hash }, { typed }) => {
      onChange({ ...typed, pushkey_hash });
    },
  );
  // The address leads, also when somebody goes back. Before the form is seen: nothing that is typed may be lost.
  useLayoutEffect(() => {
    if (form.current) fill(form.current, filter);
  }, [JSON.stringify(filter)]);

  const submit = (event: Event): void => {
    event.preventDefault();
    if (!form.current) return;
    const typed = { ...read(form.current), ...(filter.pushkey_hash && { pushkey_hash: filter.pushkey_hash }) };
    const key = takePushkey(pushkey.current);
    setMissing(key && !typed.app ? 'To find by pushkey, say also of which app it is.' : '');
    if (!key) onChange(typed);
    else if (typed.app) lookUp.run({ typed, key });
  };
  const hasMore = FILTER_NAMES.some((name) => filter[name] && !FIRST.has(name));
  return (
    <form ref={form} aria-label="Find failed pushes" class="filter" onSubmit={submit} aria-busy={lookUp.busy}>
      <div class="fields">
        <AppField label="App" name="app" />
        <div>
          <label for={outcomeId}>Outcome</label>
          <select id={outcomeId} name="outcome">
            <option value="">any</option>
            <option value="dead">dead letter</option>
            <option value="expired">expired</option>
          </select>
        </div>
        <TextField label="Reason" name="reason" />
        <TextField label="Failed since" name="since" placeholder="2h" hint="2h, 30m, 14:05 or 2026-01-31 14:05 (your time)" />
      </div>
      <details open={hasMore}>
        <summary>More filters</summary>
        <div class="fields">
          <TextField label="Failed until" name="until" placeholder="30m" />
          <TextField label="Provider status" name="provider_status" inputMode="numeric" placeholder="413" />
          <TextField label="Provider reason" name="provider_reason" placeholder="PayloadTooLarge" />
          <TextField label="Event id" name="event_id" placeholder="$..." />
          <TextField label="Room id" name="room_id" placeholder="!...:example.com" />
          <TextField label="Attempts, at least" name="attempts_min" inputMode="numeric" />
          <TextField label="Attempts, at most" name="attempts_max" inputMode="numeric" />
          <PushkeyField inputRef={pushkey} hint="Of the app above. It is hashed, not shown, and gone from the page then." />
        </div>
      </details>
      <p role="alert" class="problem">
        {missing || (lookUp.problem && describeProblem(lookUp.problem))}
      </p>
      <div class="actions">
        <button type="submit">Find</button>
        <button
          type="button"
          class="secondary outline"
          onClick={() => {
            onChange({});
          }}
        >
          Clear
        </button>
      </div>
      <FilterChips filter={filter} onChange={onChange} />
    </form>
  );
}

function fieldOf(form: HTMLFormElement, name: FilterName): HTMLInputElement | HTMLSelectElement | undefined {
  const field = form.elements.namedItem(name);
  return field instanceof HTMLInputElement || field instanceof HTMLSelectElement ? field : undefined;
}

function fill(form: HTMLFormElement, filter: FailedFilter): void {
  for (const name of FILTER_NAMES) {
    const field = fieldOf(form, name);
    if (field) field.value = filter[name] ?? '';
  }
}

function read(form: HTMLFormElement): FailedFilter {
  return tidyFilter(Object.fromEntries(FILTER_NAMES.map((name) => [name, fieldOf(form, name)?.value ?? ''])));
}
