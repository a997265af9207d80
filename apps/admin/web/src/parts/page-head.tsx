import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

/** The heading of a page; the browser's tab says it too. */
export function PageHead({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  useEffect(() => {
    document.title = `${title} - Reveille`;
  }, [title]);
  return (
    <header class="page-head">
      <h1>{title}</h1>
      {children}
    </header>
  );
}
