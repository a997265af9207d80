import { DEFAULT_REPLAY_RATE } from '@reveille/admin-api';
import { useState } from 'preact/hooks';

import { describeProblem } from '../http/problem';
import { useAction } from '../hooks/use-action';
import { usePoll } from '../hooks/use-poll';
import { Dialog } from '../parts/dialog';
import { ProblemNote } from '../parts/problem-note';
import { linkTo } from '../routing/route';
import { goTo } from '../routing/use-route';
import { useApi } from '../session/session-context';
import { PreviewTable } from './preview-table';
import { parseRate, RateField } from './rate-field';
import type { ReplayScope } from './replay-scope';
import { StartButton } from './start-button';

interface ReplayDialogProps {
  readonly scope: ReplayScope;
  readonly onClose: () => void;
}

/** First what would happen, then the button that does it; from there to the page of the running replay. */
export function ReplayDialog({ scope, onClose }: ReplayDialogProps) {
  const api = useApi();
  const [includeExpired, setIncludeExpired] = useState(false);
  const [rateText, setRateText] = useState(String(DEFAULT_REPLAY_RATE));
  const rate = parseRate(rateText);
  const request = { filter: scope.filter, all: scope.all, include_expired: includeExpired };
  const { value, problem, reload } = usePoll(`preview ${String(includeExpired)}`, () => api.preview(request));
  const start = useAction(
    (perSecond: number) => api.startReplay({ ...request, rate: perSecond }),
    (started) => {
      goTo(linkTo({ page: 'replay', id: started.id }));
    },
  );
  const preview = value?.preview;
  return (
    <Dialog title="Replay failed pushes" onClose={onClose} wide>
      <p>
        About {scope.description}. Only what failed before it starts is sent again, each push at most once, with its attempts counted anew.
      </p>
      <ProblemNote problem={problem} onRetry={reload} />
      {!preview && !problem && <p aria-busy="true">Looking at what would happen</p>}
      {preview && <PreviewTable preview={preview} includesExpired={includeExpired} />}
      <label class="check">
        <input
          type="checkbox"
          checked={includeExpired}
          onChange={(event) => {
            setIncludeExpired(event.currentTarget.checked);
          }}
        />
        Also send those past their deadline, with a new one
      </label>
      <RateField text={rateText} sending={preview?.would_send ?? 0} onText={setRateText} />
      <p role="alert" class="problem">
        {start.problem && describeProblem(start.problem)}
      </p>
      <footer class="actions">
        <button type="button" class="secondary outline" onClick={onClose}>
          Cancel
        </button>
        <StartButton preview={preview} rate={rate} busy={start.busy} onStart={start.run} />
      </footer>
    </Dialog>
  );
}
