import { toIsoOrNull } from '@reveille/operations';
import type { Explanation, TracedDevice, TracedDispatch } from '@reveille/queue';

import { attemptRow, table } from './failed-report';
import { printable } from './printable';

/** The verdict, then what it rests on. */
export function explanationText({ devices, verdict, truncated }: Explanation): string {
  const more = truncated ? 'There are more devices than these.\n' : '';
  return `${printable(verdict)}\n${devices.map(deviceText).join('')}${more}`;
}

function deviceText({ deviceHash, dispatches, duplicates, toldRejectedAt }: TracedDevice): string {
  const resends = duplicates ? `  absorbed   ${duplicates.count} resends, last ${toIsoOrNull(duplicates.lastAt)}\n` : '';
  const told = toldRejectedAt === null ? '' : `  told       the homeserver that the pushkey is dead, last ${toIsoOrNull(toldRejectedAt)}\n`;
  return `\ndevice ${deviceHash}\n${dispatches.map(dispatchText).join('')}${resends}${told}`;
}

function dispatchText({ id, acceptedAt, ingress, state, outcome, reason, endedAt, attempts, history, before }: TracedDispatch): string {
  const end = [outcome ?? state, reason && `(${reason})`, endedAt !== null && toIsoOrNull(endedAt), `attempts ${attempts}`];
  const rows = [
    ['push', id],
    ['accepted', `${toIsoOrNull(acceptedAt) ?? 'at a time that is not known'}${ingress === null ? '' : ` by ${ingress}`}`],
    ...(before ? [['before', `${before.outcome} (${before.reason}) ${toIsoOrNull(before.endedAt)}; then it was sent again`]] : []),
    [state === 'ended' ? 'ended' : 'state', end.filter((part) => typeof part === 'string' && part !== '').join(' ')],
  ].map(([name = '', text = '']) => [name.padEnd('absorbed '.length), printable(text)]);
  return table(rows, '  ') + table(history.map(attemptRow), '    ');
}
