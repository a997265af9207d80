import { toExplanationView } from '@reveille/operations';
import type { Explanation } from '@reveille/queue';

import { explanationText } from './explain-report';

const AT = Date.parse('2026-01-31T12:00:00Z');
const explanation: Explanation = {
  appKey: 'com.example.ios',
  eventHash: 'e',
  deviceHash: 'd',
  devices: [
    {
      deviceHash: 'd',
      dispatches: [
        {
          id: 'dispatch-1',
          acceptedAt: AT,
          ingress: 'host-1',
          state: 'ended',
          outcome: 'delivered',
          reason: '200',
          endedAt: AT + 2000,
          attempts: 2,
          history: [{ at: AT + 1000, reason: 'provider-unavailable', status: 503, provider_reason: 'Shutdown\u001b[2J' }],
          before: { outcome: 'expired', reason: 'deadline', endedAt: AT - 1000 },
        },
        { id: 'dispatch-2', acceptedAt: null, ingress: null, state: 'parked', outcome: null, reason: null, endedAt: null, attempts: 0, history: [], before: null },
      ],
      duplicates: { count: 3, lastAt: AT },
      toldRejectedAt: AT,
    },
  ],
  verdict: 'delivered 12:00:02 at the second attempt',
  keptSince: AT - 86_400_000,
  truncated: true,
};

it('is the verdict, then what it rests on', () => {
  expect(explanationText(explanation)).toBe(`delivered 12:00:02 at the second attempt

device d
  push       dispatch-1
  accepted   2026-01-31T12:00:00.000Z by host-1
  before     expired (deadline) 2026-01-31T11:59:59.000Z; then it was sent again
  ended      delivered (200) 2026-01-31T12:00:02.000Z attempts 2
    2026-01-31T12:00:01.000Z  provider-unavailable  503 Shutdown\\u{1b}[2J
  push       dispatch-2
  accepted   at a time that is not known
  state      parked attempts 0
  absorbed   3 resends, last 2026-01-31T12:00:00.000Z
  told       the homeserver that the pushkey is dead, last 2026-01-31T12:00:00.000Z
There are more devices than these.
`);
});

it('is only the verdict where nothing is known', () => {
  expect(explanationText({ ...explanation, devices: [], truncated: false })).toBe('delivered 12:00:02 at the second attempt\n');
});

it('has the form of the API as JSON', () => {
  expect(toExplanationView(explanation)).toMatchObject({
    app: 'com.example.ios',
    event_hash: 'e',
    device_hash: 'd',
    kept_since: '2026-01-30T12:00:00.000Z',
    truncated: true,
    devices: [
      {
        device_hash: 'd',
        duplicates: { count: 3, last_at: '2026-01-31T12:00:00.000Z' },
        told_rejected_at: '2026-01-31T12:00:00.000Z',
        dispatches: [
          { id: 'dispatch-1', accepted_at: '2026-01-31T12:00:00.000Z', state: 'ended', history: [{ at: '2026-01-31T12:00:01.000Z', status: 503 }] },
          { id: 'dispatch-2', accepted_at: null, ended_at: null, before: null },
        ],
      },
    ],
  });
});
