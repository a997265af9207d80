import type { RejectionView } from '@reveille/admin-api';
import { useId, useRef, useState } from 'preact/hooks';

import { describeProblem } from '../http/problem';
import { useAction } from '../hooks/use-action';
import { AppField } from '../parts/app-field';
import { PushkeyField, takePushkey } from '../parts/pushkey-field';
import { useApi } from '../session/session-context';
import { RejectionCard } from './rejection-card';

interface Answer {
  /** As it was asked for: where `apps` has a glob, the real app id is needed again to forget. */
  readonly app: string;
  readonly rejection: RejectionView;
}

/** Is a pushkey known to be dead? */
export function LookUpSection() {
  const id = useId();
  const api = useApi();
  const [app, setApp] = useState('');
  const pushkey = useRef<HTMLInputElement>(null);
  const [answer, setAnswer] = useState<Answer>();
  const lookUp = useAction(
    (key: string) => api.lookUp(app.trim(), key),
    (rejection) => {
      setAnswer({ app: app.trim(), rejection });
    },
  );
  const submit = (event: Event): void => {
    event.preventDefault();
    setAnswer(undefined);
    lookUp.run(takePushkey(pushkey.current));
  };
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>Is a device known to be gone?</h2>
      <form onSubmit={submit} aria-busy={lookUp.busy}>
        <div class="fields">
          <AppField
            label="App id"
            hint="As the pusher has it; not a glob."
            required
            value={app}
            onInput={(event) => {
              setApp(event.currentTarget.value);
            }}
          />
          <PushkeyField inputRef={pushkey} required />
        </div>
        <p role="alert" class="problem">
          {lookUp.problem && describeProblem(lookUp.problem)}
        </p>
        <div class="actions">
          <button type="submit" disabled={lookUp.busy}>
            Look up
          </button>
        </div>
      </form>
      <div role="status">
        {answer && (
          <RejectionCard
            app={answer.app}
            rejection={answer.rejection}
            onForgotten={() => {
              setAnswer({ ...answer, rejection: { ...answer.rejection, known: false } });
            }}
          />
        )}
      </div>
    </section>
  );
}
