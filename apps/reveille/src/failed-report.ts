import type { Attempt, FailedCause, FailedCauses, FailedPage, ShownPush } from '@reveille/queue';

import { printable } from './printable';

const time = (at: number | undefined): string => (at === undefined ? '-' : new Date(at).toISOString());

/** `dead provider_refused (503 ServiceUnavailable)` */
function describeCause({ outcome, reason, providerStatus, providerReason }: FailedCause): string {
  const said = [providerStatus, providerReason].filter((part) => part !== undefined).join(' ');
  return printable(`${outcome} ${reason}${said === '' ? '' : ` (${said})`}`);
}

/** One push a line, newest first, then what was left out. */
export function failedPageText({ total, items, next, unreachable }: FailedPage): string {
  if (total === 0) return `No failed push.\n${missing(unreachable)}`;
  const rows = items.map((item) => [time(item.failedAt), item.app, describeCause(item), `${item.attempts} attempts`, item.id]);
  const more = next === null ? '' : `; more: --cursor '${next}'`;
  return `${table(rows)}${items.length} of ${total} failed pushes${more}\n${missing(unreachable)}`;
}

/** One cause a line, most first. */
export function causesText({ causes, unreachable }: FailedCauses): string {
  if (causes.length === 0) return `No failed push.\n${missing(unreachable)}`;
  const width = Math.max(...causes.map(({ count }) => String(count).length));
  const rows = causes.map((cause) => [
    String(cause.count).padStart(width),
    cause.app,
    describeCause(cause),
    `${time(cause.firstAt)} to ${time(cause.lastAt)}`,
  ]);
  return `${table(rows)}${missing(unreachable)}`;
}

/** Everything that may be shown of one failed push. */
export function shownText(push: ShownPush): string {
  const rows = [
    ['app', push.app],
    ['failed', `${time(push.failedAt)}: ${describeCause(push)}`],
    ['accepted', time(push.acceptedAt)],
    ['deadline', time(push.deadline)],
    ['kind', `${push.kind ?? 'unknown'}, ${push.priority} priority`],
    ['device', push.deviceHash ?? '-'],
    ['event', push.eventHash ?? '-'],
    ['room', push.roomHash ?? '-'],
    ['replayed', `${push.replayed} times`],
    ['attempts', String(push.attempts)],
  ];
  const shape = push.unreadable === undefined ? JSON.stringify(push.shape, undefined, 2) : `cannot be read: ${push.unreadable}`;
  const body = shape.split('\n').map((line) => `    ${printable(line)}\n`);
  return `${push.id}\n${table(rows, '  ')}${table(push.history.map(attemptRow), '    ')}  shape of its payload, without its content\n${body.join('')}`;
}

/** One attempt, for a table. */
export function attemptRow({ at, status, reason, provider_reason: said }: Attempt): string[] {
  const answer = [status, said].filter((part) => part !== undefined).join(' ');
  return [time(at), printable(reason), printable(answer)];
}

function missing(unreachable: readonly string[]): string {
  return unreachable.length === 0 ? '' : `Missing, since their part of Redis does not answer: ${unreachable.join(', ')}\n`;
}

/** Columns side by side, each row a line. */
export function table(rows: readonly (readonly string[])[], indent = ''): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `${indent}${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()}\n`).join('');
}
