import type { InputHTMLAttributes } from 'preact';
import { useId } from 'preact/hooks';

import { usePoll } from '../hooks/use-poll';
import { useApi } from '../session/session-context';

interface AppFieldProps extends Partial<Pick<InputHTMLAttributes, 'required' | 'name' | 'onInput' | 'value'>> {
  readonly label: string;
  readonly hint?: string;
}

/** An app, typed or chosen from those that are configured. */
export function AppField({ label, hint, ...input }: AppFieldProps) {
  const id = useId();
  const api = useApi();
  const { value } = usePoll('apps', () => api.apps());
  return (
    <div>
      <label for={id}>{label}</label>
      <input id={id} list={`${id}-apps`} autocomplete="off" autocapitalize="none" spellcheck={false} aria-describedby={hint && `${id}-hint`} {...input} />
      {hint && <small id={`${id}-hint`}>{hint}</small>}
      <datalist id={`${id}-apps`}>
        {value?.apps.map(({ app }) => (
          <option key={app} value={app} />
        ))}
      </datalist>
    </div>
  );
}
