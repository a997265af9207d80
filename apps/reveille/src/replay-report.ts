import { countNotSent, toFilterView } from '@reveille/operations';
import type { NotSent, Replay, ReplayPreview } from '@reveille/queue';

import { table } from './failed-report';
import { printable } from './printable';

/** Why a push is not sent, in the order in which it is told. */
const NOT_SENT_TEXT: Readonly<Record<NotSent, string>> = {
  expired: 'past their deadline (--include-expired gives them a new one)',
  superseded: 'superseded by newer counts',
  already_delivered: 'accepted again since',
  rejected: 'of devices that are known to be dead',
  parked: 'of an app that is parked, or in no configuration any more',
  unreadable: 'that cannot be read',
  gone: 'not failed any more',
};

type Line = readonly [count: number, text: string];

/** What a replay would do; what it would not meet is left out. */
export function previewText({ matched, wouldSend, notSent, isEstimated }: ReplayPreview): string {
  if (matched === 0) return 'No failed push matches.\n';
  const estimate = isEstimated ? 'The parts are estimated from some of them; the replay looks at each.\n' : '';
  return `${counted([[matched, 'failed pushes match'], [wouldSend, 'would be sent'], ...notSentLines(notSent, '')])}${estimate}`;
}

/** Everything about one replay: what it is, how far it is, what became of its pushes. */
export function replayText(replay: Replay): string {
  const { id, state, by, createdAt, rate, includeExpired, matched, ends, waiting, notSent } = replay;
  const outcomes = Object.entries(ends).map(([end, count]): Line => [count, end === 'dead' ? 'dead: failed again' : end]);
  const met = [...outcomes, [waiting, 'sent, and not ended yet'] as const, ...notSentLines(notSent, 'not sent: ')].filter(([count]) => count > 0);
  const renewed = includeExpired ? ', those past their deadline too' : '';
  return [
    `${id}\n`,
    table(
      [
        ['state', state],
        ['started', `${new Date(createdAt).toISOString()} by ${printable(by)}`],
        ...replay.waitsFor.map((each) => ['waits for', waitsForText(each)]),
        ['pushes', `${filterText(replay)}${renewed}; at most ${rate} a second`],
      ],
      '  ',
    ),
    counted([[matched, 'matched'], ...met]),
  ].join('');
}

/** `com.example.ios (paused)` */
export function waitsForText({ app, why }: Replay['waitsFor'][number]): string {
  return `${printable(app)} (${why === 'queue' ? 'enough waits in its queue' : why})`;
}

/** One replay a line, newest first. */
export function replaysText(replays: readonly Replay[]): string {
  if (replays.length === 0) return 'No replay yet.\n';
  return table(replays.map((replay) => [replay.id, replay.state, progressOf(replay), new Date(replay.createdAt).toISOString(), printable(replay.by), filterText(replay)]));
}

/** `12 of 30 done, 10 delivered, 3 waiting` */
export function progressText(replay: Replay): string {
  const { ends, waiting } = replay;
  const left: Line[] = [
    [ends.delivered, 'delivered'],
    [ends.dead, 'dead'],
    [waiting, 'waiting'],
    [countNotSent(replay), 'not sent'],
  ];
  const told = left.filter(([count]) => count > 0).map(([count, text]) => `${count} ${text}`);
  return [progressOf(replay), ...told].join(', ');
}

function progressOf({ matched, done }: Pick<Replay, 'matched' | 'done'>): string {
  return `${done} of ${matched} done`;
}

function filterText({ filter }: Pick<Replay, 'filter'>): string {
  const told = Object.entries(toFilterView(filter)).map(([name, part]) => {
    if (typeof part === 'object') return part === null ? `${name}=none` : `${part.length} chosen`;
    return `${name}=${part}`;
  });
  return printable(told.join(' ')) || 'everything that failed';
}

function notSentLines(notSent: Readonly<Record<NotSent, number>>, before: string): Line[] {
  const lines = Object.entries(NOT_SENT_TEXT).map(([reason, text]): Line => [countOf(notSent, reason), before + text]);
  return lines.filter(([count]) => count > 0);
}

function countOf(counts: Readonly<Record<string, number>>, name: string): number {
  return counts[name] ?? 0;
}

function counted(lines: readonly Line[]): string {
  const width = Math.max(...lines.map(([count]) => String(count).length)) + 2;
  return lines.map(([count, text]) => `${String(count).padStart(width)}  ${text}\n`).join('');
}
