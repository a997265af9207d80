import type { ReplayView } from '@reveille/admin-api';

import { formatCount, formatShare } from '../format/numbers';

/** Whether nobody can change it any more. */
export function isOver({ state }: Pick<ReplayView, 'state'>): boolean {
  return state === 'done' || state === 'cancelled';
}

/** Whether it may still change by itself: what was put back ends also after it was cancelled. */
export function mayChange(replay: Pick<ReplayView, 'state'> & { readonly outcomes: Pick<ReplayView['outcomes'], 'waiting'> }): boolean {
  return !isOver(replay) || replay.outcomes.waiting > 0;
}

const WAITS: Readonly<Record<ReplayView['waits_for'][number]['why'], string>> = {
  paused: 'it is paused',
  outage: 'its provider is out',
  held: 'its provider asked for a pause',
  draining: 'it is being drained',
  queue: 'enough waits in its queue',
};

/** `com.example.ios: it is paused` */
export function describeWaits({ app, why }: ReplayView['waits_for'][number]): string {
  return `${app}: ${WAITS[why]}`;
}

/** `1,234 of 5,000 (24 %)`. */
export function describeProgress({ done, matched }: Pick<ReplayView, 'done' | 'matched'>): string {
  return `${formatCount(done)} of ${formatCount(matched)}${matched > 0 ? ` (${formatShare(Math.floor((done / matched) * 100) / 100)})` : ''}`;
}

/**
 * What is read aloud while it runs: a step in ten, not every push. Changes seldom, since each change is spoken.
 */
export function describeSteps({ state, done, matched }: Pick<ReplayView, 'state' | 'done' | 'matched'>): string {
  if (state !== 'running') return `The replay is ${state}: ${describeProgress({ done, matched })}.`;
  const tenths = matched > 0 ? Math.floor((done / matched) * 10) : 0;
  return `The replay runs: ${tenths * 10} % done.`;
}

/** The filter as the API keeps it, for people: `app com.example.ios, reason too_large, 3 chosen pushes`. */
export function describeKeptFilter(filter: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(filter).flatMap(([name, value]) => describePart(name, value));
  return parts.length > 0 ? parts.join(', ') : 'everything that failed';
}

function describePart(name: string, value: unknown): string[] {
  if (value === undefined) return [];
  if (value === null) return [`${name.replaceAll('_', ' ')} none`];
  if (Array.isArray(value)) return [`${formatCount(value.length)} chosen pushes`];
  return [`${name.replaceAll('_', ' ')} ${typeof value === 'string' ? value : JSON.stringify(value)}`];
}
