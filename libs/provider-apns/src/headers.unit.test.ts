import fc from 'fast-check';

import { buildHeaders } from './headers';
import { testDispatch } from './test-dispatch';

const DISPATCH_ID = testDispatch().id;

function collapseId(eventId: string | undefined, kind: 'event' | 'call' | 'counts' = 'event') {
  const facts = eventId === undefined ? {} : { eventId };
  return buildHeaders(testDispatch({ facts, dispatch: { kind } }), 'topic', 'alert')['apns-collapse-id'];
}

test('everything that APNs wants to know', () => {
  expect(buildHeaders(testDispatch({ facts: { eventId: '$event:hs' } }), 'com.example.app', 'alert')).toEqual({
    'apns-topic': 'com.example.app',
    'apns-push-type': 'alert',
    'apns-priority': '10',
    'apns-expiration': '1790003600',
    'apns-id': DISPATCH_ID,
    'apns-collapse-id': '$event:hs',
  });
});

test.each([
  ['high', 'alert', '10'],
  ['low', 'alert', '5'],
  ['high', 'background', '5'],
  ['low', 'background', '5'],
  ['high', 'voip', '10'],
] as const)('priority %s, type %s: %s', (priority, pushType, expected) => {
  expect(buildHeaders(testDispatch({ facts: { priority } }), 't', pushType)['apns-priority']).toBe(expected);
});

test('collapse ids', () => {
  expect(collapseId(undefined, 'counts')).toBe('counts');
  expect(collapseId('$call', 'call')).toBe('$call');
  expect(collapseId(undefined)).toBe(DISPATCH_ID);
  // An event cannot pass for an update of the counts.
  expect(collapseId('counts')).not.toBe('counts');
});

test('collapse ids of events fit a header, are stable, and differ as the events do', () => {
  const usual = fc.string({ maxLength: 80 }).map((id) => `$${id}`);
  const eventId = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), usual);
  fc.assert(
    fc.property(eventId, eventId, (one, other) => {
      fc.pre(one !== '' && other !== '' && one.isWellFormed() && other.isWellFormed());
      expect(collapseId(one)).toMatch(/^[\x21-\x7e]{1,64}$/);
      expect(collapseId(one)).toBe(collapseId(one));
      expect(collapseId(one) === collapseId(other)).toBe(one === other);
    }),
  );
});
