import type { Ref } from 'preact';
import { useId } from 'preact/hooks';

interface PushkeyFieldProps {
  readonly inputRef: Ref<HTMLInputElement>;
  readonly required?: boolean;
  readonly hint?: string;
}

/**
 * Where a pushkey is typed or pasted. It is a secret: never shown, never part of the page's state or address; its form reads it
 * once (`takePushkey`) and that empties the field.
 */
export function PushkeyField({ inputRef, required = false, hint }: PushkeyFieldProps) {
  const id = useId();
  return (
    <div>
      <label for={id}>Pushkey</label>
      <input id={id} ref={inputRef} type="password" autocomplete="off" autocapitalize="none" spellcheck={false} required={required} aria-describedby={`${id}-hint`} />
      <small id={`${id}-hint`}>{hint ?? 'It is sent once to be hashed, not shown, and gone from the page then.'}</small>
    </div>
  );
}

/** What stands in the field, which is empty afterwards. */
export function takePushkey(input: HTMLInputElement | null): string {
  if (!input) return '';
  const pushkey = input.value.trim();
  input.value = '';
  return pushkey;
}
