import type { Explanation, TracedDevice, TracedDispatch } from '@reveille/queue';

import { attemptRow, table } from './failed-report';
import { attemptView } from './failed-view';
import { printable } from './printable';

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** As the admin's API says it. */
export function explanationView({ appKey, eventHash, deviceHash, devices, verdict, keptSince, truncated }: Explanation) {
  return {
    app: appKey,
    event_hash: eventHash,
    device_hash: deviceHash,
    devices: devices.map(deviceView),
    verdict,
    kept_since: iso(keptSince),
    truncated,
  };
}

function deviceView({ deviceHash, dispatches, duplicates, toldRejectedAt }: TracedDevice) {
  return {
    device_hash: deviceHash,
    dispatches: dispatches.map(dispatchView),
    duplicates: duplicates && { count: duplicates.count, last_at: iso(duplicates.lastAt) },
    told_rejected_at: iso(toldRejectedAt),
  };
}

function dispatchView({ id, acceptedAt, ingress, state, outcome, reason, endedAt, attempts, history, before }: TracedDispatch) {
  return {
    id,
    accepted_at: iso(acceptedAt),
    ingress,
    state,
    outcome,
    reason,
    ended_at: iso(endedAt),
    attempts,
    history: history.map(attemptView),
    before: before && { outcome: before.outcome, reason: before.reason, ended_at: iso(before.endedAt) },
  };
}

/** The verdict, then what it rests on. */
export function explanationText({ devices, verdict, truncated }: Explanation): string {
  const more = truncated ? 'There are more devices than these.\n' : '';
  return `${printable(verdict)}\n${devices.map(deviceText).join('')}${more}`;
}

function deviceText({ deviceHash, dispatches, duplicates, toldRejectedAt }: TracedDevice): string {
  const resends = duplicates ? `  absorbed   ${duplicates.count} resends, last ${iso(duplicates.lastAt)}\n` : '';
  const told = toldRejectedAt === null ? '' : `  told       the homeserver that the pushkey is dead, last ${iso(toldRejectedAt)}\n`;
  return `\ndevice ${deviceHash}\n${dispatches.map(dispatchText).join('')}${resends}${told}`;
}

function dispatchText({ id, acceptedAt, ingress, state, outcome, reason, endedAt, attempts, history, before }: TracedDispatch): string {
  const end = [outcome ?? state, reason && `(${reason})`, endedAt !== null && iso(endedAt), `attempts ${attempts}`];
  const rows = [
    ['push', id],
    ['accepted', `${iso(acceptedAt) ?? 'at a time that is not known'}${ingress === null ? '' : ` by ${ingress}`}`],
    ...(before ? [['before', `${before.outcome} (${before.reason}) ${iso(before.endedAt)}; then it was sent again`]] : []),
    [state === 'ended' ? 'ended' : 'state', end.filter((part) => typeof part === 'string' && part !== '').join(' ')],
  ].map(([name = '', text = '']) => [name.padEnd('absorbed '.length), printable(text)]);
  return table(rows, '  ') + table(history.map(attemptRow), '    ');
}
