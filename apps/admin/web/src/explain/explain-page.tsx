import type { Explanation } from '@reveille/admin-api';
import { useRef, useState } from 'preact/hooks';

import { describeProblem } from '../http/problem';
import { useAction } from '../hooks/use-action';
import { AppField } from '../parts/app-field';
import { PageHead } from '../parts/page-head';
import { PushkeyField, takePushkey } from '../parts/pushkey-field';
import { TextField } from '../parts/text-field';
import { useApi } from '../session/session-context';
import { ExplanationView } from './explanation-view';

/** Why did this device not get its push? */
export function ExplainPage() {
  const api = useApi();
  const [app, setApp] = useState('');
  const [event, setEvent] = useState('');
  const pushkey = useRef<HTMLInputElement>(null);
  const [answer, setAnswer] = useState<Explanation>();
  const explain = useAction((key: string) => api.explain({ app: app.trim(), event_id: event.trim(), ...(key && { pushkey: key }) }), setAnswer);
  const submit = (submitted: Event): void => {
    submitted.preventDefault();
    setAnswer(undefined);
    explain.run(takePushkey(pushkey.current));
  };
  return (
    <>
      <PageHead title="Why did this device not get its push?" />
      <p>Ask by the event that was not notified. The id stands in the client under &quot;View source&quot;, and in the homeserver&apos;s log.</p>
      <form onSubmit={submit} aria-label="Explain" aria-busy={explain.busy}>
        <div class="fields">
          <AppField
            label="App"
            required
            value={app}
            onInput={({ currentTarget }) => {
              setApp(currentTarget.value);
            }}
          />
          <TextField
            label="Event id"
            placeholder="$..."
            required
            value={event}
            onInput={({ currentTarget }) => {
              setEvent(currentTarget.value);
            }}
          />
          <PushkeyField inputRef={pushkey} hint="Optional: only this device. It is hashed, not shown, and gone from the page then." />
        </div>
        <p role="alert" class="problem">
          {explain.problem && describeProblem(explain.problem)}
        </p>
        <div class="actions">
          <button type="submit" disabled={explain.busy}>
            Explain
          </button>
        </div>
      </form>
      <div role="status">{answer && <ExplanationView explanation={answer} />}</div>
    </>
  );
}
