import type { Attempt } from '../attempt-history';
import type { Explanation, TracedDevice, TracedDispatch } from './explain-types';

/** What a verdict is made of. */
export type Findings = Omit<Explanation, 'verdict'> & {
  /** The event was asked for one device, is known, and not for that one. */
  readonly isKnownForOthers: boolean;
};

/** One sentence for whoever asks why a push did not arrive. Times are UTC. */
export function verdictOf(findings: Findings): string {
  const { devices, truncated } = findings;
  const [only, another] = devices;
  if (!only) return nothingKnown(findings);
  if (another) return `${truncated ? 'more than ' : ''}${devices.length} devices: ${summary(devices)}`;
  return `${aboutDevice(only)}${aside(only)}`;
}

function nothingKnown({ keptSince, isKnownForOthers }: Findings): string {
  if (isKnownForOthers) {
    const before = keptSince === null ? '' : `, or before ${time(keptSince)}, which is not remembered`;
    return `the event arrived for other devices; for this one it never did: its homeserver did not ask for a push to it${before}`;
  }
  if (keptSince === null) return 'never arrived, or has ended: it is not remembered what became of pushes, since explain is off';
  return `never arrived, or was turned away (its homeserver was told to come again), or was accepted before ${time(keptSince)}: what is older is not remembered`;
}

function aboutDevice({ dispatches, toldRejectedAt }: TracedDevice): string {
  const last = dispatches.at(-1);
  if (last) return `${accepted(last)}, ${fate(last)}`;
  const told = toldRejectedAt === null ? '' : ` at ${time(toldRejectedAt)}`;
  return `not accepted: the pushkey is known to be dead, which its homeserver was told${told}`;
}

function accepted({ acceptedAt, ingress }: TracedDispatch): string {
  if (acceptedAt === null) return 'accepted';
  return `accepted ${time(acceptedAt)}${ingress === null || ingress === '' ? '' : ` by ${ingress}`}`;
}

function fate(dispatch: TracedDispatch): string {
  const { state, history, before } = dispatch;
  const again = before ? `${described(before.outcome, before.reason)} at ${time(before.endedAt)}, sent again by a replay, ` : '';
  switch (state) {
    case 'ended':
      return again + ending(dispatch);
    case 'waiting':
      return `${again}waits for its turn${after(history)}`;
    case 'delayed':
      return `${again}waits for another attempt${after(history)}`;
    case 'active':
      return `${again}is being sent now${after(history)}`;
    case 'parked':
      return `${again}waits because its app does not run${after(history)}`;
    default:
      return state satisfies never;
  }
}

/** How it ended, in words; an outcome of another version as it is. */
function ending(dispatch: TracedDispatch): string {
  const { outcome, reason, attempts } = dispatch;
  const when = since(dispatch);
  const at = attempts > 0 ? ` at the ${ordinal(attempts)} attempt` : '';
  switch (outcome) {
    case 'delivered':
      return `delivered${when}${said(dispatch)}${at}`;
    case 'rejected':
      return `rejected${when}${said(dispatch)}${at}: the pushkey is dead`;
    case 'skipped':
      return `not sent: ${reason ?? 'nothing to send'}`;
    case 'superseded':
      return 'not sent: a newer update took its place';
    case 'expired':
      return `expired${when} after ${attempts === 0 ? 'no attempt' : `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`}${said(dispatch)}`;
    case null:
      return 'ended, and it is not remembered how';
    default:
      return `${described(outcome, reason)}${when}${said(dispatch)}${at}`;
  }
}

function described(outcome: string, reason: string | null): string {
  const why = reason === null || reason === '' ? '' : ` (${reason})`;
  return outcome === 'dead' ? `failed for good${why}` : `${outcome}${why}`;
}

function since({ acceptedAt, endedAt }: TracedDispatch): string {
  if (endedAt === null) return '';
  return acceptedAt === null ? ` ${time(endedAt)}` : ` ${duration(Math.max(0, endedAt - acceptedAt))} later`;
}

/** What the provider said last. */
function said({ history }: TracedDispatch): string {
  const last = answers(history).at(-1);
  return last === undefined ? '' : ` (${last})`;
}

function after(history: readonly Attempt[]): string {
  const tries = history.length === 0 ? '' : `, after ${history.length} ${history.length === 1 ? 'attempt' : 'attempts'}`;
  const last = answers(history).at(-1) ?? history.at(-1)?.reason;
  return last === undefined ? tries : `${tries}, the last: ${last}`;
}

function answers(history: readonly Attempt[]): string[] {
  return history.flatMap(({ status, provider_reason: reason }) =>
    reason === undefined ? [] : [status === undefined ? reason : `${status} ${reason}`],
  );
}

/** What else happened to the pushes of one device. */
function aside({ dispatches, duplicates, toldRejectedAt }: TracedDevice): string {
  const last = dispatches.at(-1);
  if (!last) return '';
  const parts = [
    ...(dispatches.length > 1 ? [`it was accepted ${dispatches.length} times, this is the last`] : []),
    ...(duplicates ? [`its homeserver sent it ${duplicates.count === 1 ? 'once' : `${duplicates.count} times`} more, which was absorbed`] : []),
    ...(toldRejectedAt === null ? [] : [`at ${time(toldRejectedAt)} its homeserver was told that the pushkey is dead`]),
  ];
  return parts.map((part) => `; ${part}`).join('');
}

/** Of many devices: how many stand how, most first. */
function summary(devices: readonly TracedDevice[]): string {
  const counts = new Map<string, number>();
  for (const { dispatches } of devices) {
    const last = dispatches.at(-1);
    const how = last ? shortly(last) : 'not accepted (dead pushkey)';
    counts.set(how, (counts.get(how) ?? 0) + 1);
  }
  const mostFirst = [...counts].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
  return mostFirst.map(([how, count]) => `${count} ${how}`).join(', ');
}

function shortly({ state, outcome, reason }: TracedDispatch): string {
  if (state !== 'ended') return state === 'active' ? 'being sent' : `waiting (${state})`;
  if (outcome === null) return 'ended, not remembered how';
  return outcome === 'delivered' ? outcome : described(outcome, reason);
}

function ordinal(number: number): string {
  if (number === 1) return 'first';
  const [tens, ones] = [Math.floor(number / 10) % 10, number % 10];
  const ending = tens === 1 ? 'th' : (['th', 'st', 'nd', 'rd'][ones] ?? 'th');
  return `${number}${ending}`;
}

/** UTC, to the second. */
function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

function duration(ms: number): string {
  const unit = UNITS.find(([, length]) => ms >= length);
  if (!unit) return `${ms} ms`;
  const [name, length] = unit;
  return `${Math.round((ms / length) * 10) / 10} ${name}`;
}
