import type { Balance } from '@reveille/queue';

/** The books of one app, or of all together. */
export interface LedgerEntry {
  readonly app: string;
  readonly balance: Balance;
}

type Counts = Omit<Balance, 'waiting'>;

/** The sum of several apps. */
export function totalOf(balances: readonly Balance[]): Balance {
  const sum = (read: (balance: Balance) => number): number => balances.reduce((total, each) => total + read(each), 0);
  const of = (field: keyof Counts): number => sum((balance) => balance[field]);
  return {
    accepted: of('accepted'),
    delivered: of('delivered'),
    rejected: of('rejected'),
    skipped: of('skipped'),
    superseded: of('superseded'),
    expired: of('expired'),
    dead: of('dead'),
    duplicates: of('duplicates'),
    told: of('told'),
    open: of('open'),
    waiting: {
      queued: sum(({ waiting }) => waiting.queued),
      delayed: sum(({ waiting }) => waiting.delayed),
      active: sum(({ waiting }) => waiting.active),
      parked: sum(({ waiting }) => waiting.parked),
    },
    difference: of('difference'),
  };
}

/** Whether every book closes: one that is short of pushes must not be made up for by one that has too many. */
export function closes(entries: readonly LedgerEntry[]): boolean {
  return entries.every(({ balance }) => balance.difference === 0);
}

/**
 * The balance of one app as a sum.
 *
 * @param since what was accepted before is not counted (milliseconds since the epoch); the ledger counts by the hour
 */
export function ledgerBlock({ app, balance }: LedgerEntry, since?: number): string {
  const rows: [sign: string, count: number, what: string][] = [
    [' ', balance.accepted, since === undefined ? 'accepted' : `accepted since ${new Date(since).toISOString()}`],
    ['=', balance.delivered, 'delivered'],
    ['+', balance.rejected, 'rejected'],
    ['+', balance.skipped, 'skipped'],
    ['+', balance.superseded, 'superseded'],
    ['+', balance.expired, 'expired'],
    ['+', balance.dead, 'dead'],
    ...waitingRows(balance, since),
  ];
  const width = Math.max(...rows.map(([, count]) => String(count).length));
  return [
    app,
    ...rows.map(([sign, count, what]) => `  ${sign} ${String(count).padStart(width)}  ${what}`),
    `  ${verdict(balance.difference)}`,
    `  beside it: ${balance.duplicates} duplicates absorbed, ${balance.told} rejections told`,
    '',
  ].join('\n');
}

/** Of a part of the time only what is open is known, not where it waits. */
function waitingRows(balance: Balance, since: number | undefined): [string, number, string][] {
  if (since !== undefined) return [['+', balance.open, 'not ended yet']];
  const { queued, delayed, active, parked } = balance.waiting;
  const places = `queued ${queued}, delayed ${delayed}, active ${active}, parked ${parked}`;
  const rows: [string, number, string][] = [['+', queued + delayed + active + parked, `waiting: ${places}`]];
  return balance.difference === 0 ? rows : [...rows, ['+', balance.difference, 'DIFFERENCE']];
}

function verdict(difference: number): string {
  if (difference === 0) return 'It closes.';
  return difference > 0
    ? `It does NOT close: ${difference} accepted pushes have neither ended nor wait.`
    : `It does NOT close: ${-difference} more have ended or wait than were accepted.`;
}
