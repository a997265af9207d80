import type { InputHTMLAttributes } from 'preact';
import { useId } from 'preact/hooks';

type InputProps = Partial<Pick<InputHTMLAttributes, 'name' | 'placeholder' | 'required' | 'value' | 'onInput' | 'inputMode'>>;

/** A labelled line of text. */
export function TextField({ label, hint, ...input }: InputProps & { readonly label: string; readonly hint?: string }) {
  const id = useId();
  return (
    <div>
      <label for={id}>{label}</label>
      <input id={id} autocomplete="off" autocapitalize="none" spellcheck={false} aria-describedby={hint && `${id}-hint`} {...input} />
      {hint && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  );
}
