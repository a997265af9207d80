import type { ComponentChildren } from 'preact';

/** A short word in a colour; the word alone says it too. */
export function Badge({ tone, children }: { readonly tone: 'good' | 'wait' | 'bad' | 'plain'; readonly children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}
