import { useMayOperate } from '../session/session-context';

/** The id of the sentence that says why actions are disabled; for `aria-describedby`. */
export const VIEWER_NOTE_ID = 'viewer-note';
export const VIEWER_REASON = 'Only an operator may do this; you are a viewer.';

/** Says once at the top of a page why its actions are disabled. */
export function ViewerNote() {
  if (useMayOperate()) return null;
  return (
    <p class="note" id={VIEWER_NOTE_ID}>
      You are logged in as a viewer: you see everything, but only an operator may change anything. Actions are disabled.
    </p>
  );
}
