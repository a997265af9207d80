import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

interface DialogProps {
  readonly title: string;
  /** By Escape or the cross. Without it the dialog stays until its owner takes it away. */
  readonly onClose?: () => void;
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}

/** A modal dialog, open as long as it is rendered. The browser keeps the focus inside; afterwards it goes back. */
export function Dialog({ title, onClose, wide = false, children }: DialogProps) {
  const titleId = useId();
  const element = useRef<HTMLDialogElement>(null);
  const isGone = useRef(false);
  useEffect(() => {
    const dialog = element.current;
    const opener = document.activeElement;
    dialog?.showModal();
    return () => {
      isGone.current = true;
      dialog?.close();
      giveBackFocus(opener);
    };
  }, []);

  const onCancel = (event: Event): void => {
    event.preventDefault();
    onClose?.();
  };
  const onClosed = (): void => {
    // Our own doing: the event comes when whatever is open by now is not ours to close.
    if (isGone.current) return;
    // Browsers close a dialog at the second Escape, whatever was said to the first.
    if (onClose) onClose();
    else element.current?.showModal();
  };
  return (
    <dialog ref={element} aria-labelledby={titleId} onCancel={onCancel} onClose={onClosed}>
      <article class={wide ? 'wide' : undefined}>
        <header>
          {onClose && <button type="button" class="close" aria-label="Close" onClick={onClose} />}
          <h2 id={titleId}>{title}</h2>
        </header>
        {children}
      </article>
    </dialog>
  );
}

/** To what had it before, or where that is gone (its app was paused, and it said "Pause"): to the page. */
function giveBackFocus(opener: Element | null): void {
  const target = opener instanceof HTMLElement && opener.isConnected && opener !== document.body ? opener : document.querySelector('main');
  target?.focus({ preventScroll: true });
}
