import type { AppView } from '@reveille/admin-api';

type State = AppView['state'];
/** How bad a state is: its colour. */
export type Tone = 'good' | 'wait' | 'bad';

interface StateWords {
  readonly tone: Tone;
  /** What it means for the app's pushes. */
  readonly meaning: string;
}

const WORDS: Readonly<Record<State, StateWords>> = {
  running: { tone: 'good', meaning: 'Pushes are sent as they come.' },
  parked: { tone: 'bad', meaning: 'Our credential or topic is refused. Nothing is sent until that is repaired; pushes wait.' },
  held: { tone: 'wait', meaning: 'The provider asked us to wait. Pushes wait.' },
  outage: { tone: 'bad', meaning: 'The breaker is open: the provider does not work. Pushes wait, one is tried now and then.' },
  probing: { tone: 'wait', meaning: 'One push is being tried to see whether it works again.' },
  recovering: { tone: 'wait', meaning: 'It works again, and sends more and more at once.' },
  paused: { tone: 'wait', meaning: 'Nothing is sent until somebody resumes it. Pushes wait.' },
  unreachable: { tone: 'bad', meaning: 'Its part of Redis does not answer. All its numbers mean nothing until it does.' },
};

export function wordsOf(state: State): StateWords {
  return WORDS[state];
}

/** Whether `resume` does anything. */
export function canResume({ state }: AppView): boolean {
  return state !== 'running' && state !== 'unreachable';
}

/** Whether `pause` does anything; a parked app can be paused too, so that repairing its credential does not start it. */
export function canPause({ state }: AppView): boolean {
  return state !== 'paused' && state !== 'unreachable';
}

/** Pushes that are accepted and not sent yet. */
export function waitingOf({ waiting, delayed, active }: AppView): number {
  return waiting + delayed + active;
}

/** Worst first, then as configured: what needs somebody stands at the top. */
export function worstFirst(apps: readonly AppView[]): AppView[] {
  const rank = (app: AppView): number => (app.storm?.needs_operator ? 0 : RANKS.indexOf(wordsOf(app.state).tone) + 1);
  return apps.toSorted((one, other) => rank(one) - rank(other));
}

const RANKS: readonly Tone[] = ['bad', 'wait', 'good'];
