import type { ReplayView } from '@reveille/admin-api';

import { Badge } from '../parts/badge';

const TONES = { running: 'wait', paused: 'wait', cancelled: 'plain', done: 'good' } as const;

export function ReplayState({ state }: Pick<ReplayView, 'state'>) {
  return <Badge tone={TONES[state]}>{state}</Badge>;
}
