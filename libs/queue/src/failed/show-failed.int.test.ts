import type { Dispatch } from '@reveille/provider';
import { randomBytes } from 'node:crypto';
import { createDispatchCodec, type DispatchCodec } from '../dispatch-codec';
import { useTestQueue } from '../test-queue';
import { createFailedPushes } from './failed-pushes';
import type { FailedPushes } from './failed-types';
import { putFailed } from './put-failed';
import { dispatch, FAILED_AT, push } from './test-failed';

const { redis, prefix } = useTestQueue();

const base = () => `${prefix()}:{a}:`;
const failedPushes = (codec: DispatchCodec = createDispatchCodec()): FailedPushes =>
  createFailedPushes({ redis: redis(), prefix: prefix(), apps: () => Promise.resolve(['a']), codec });
const key = randomBytes(32);
const secretOf = (): Dispatch =>
  dispatch({
    device: { appId: 'a', pushkey: 'SECRET-pushkey', sound: 'SECRET-sound', defaultPayload: { kind: 'object', value: { aps: { alert: 'SECRET', badge: 3 }, 'SECRET-name': [true, 'SECRET'] } } },
    notification: { eventId: '$SECRET', userIsTarget: true, priority: 'low', counts: { unread: 7 }, content: { text: { body: 'SECRET words', 'SECRET_key': 'SECRET' }, offersVideo: false } },
  });

it.each([
  ['in the clear', createDispatchCodec()],
  ['sealed', createDispatchCodec({ keys: [key] })],
])('has the shape of its content and none of it (%s)', async (_name, codec) => {
  const secret = secretOf();
  await putFailed({ redis: redis(), prefix: prefix(), appKey: 'a', codec }, [push({ dispatch: secret, attempts: 3 })]);
  const shown = await failedPushes(codec).show('a', secret.id);
  expect(JSON.stringify(shown)).not.toContain('SECRET');
  expect(shown).toMatchObject({
    id: secret.id,
    priority: 'low',
    attempts: 3,
    raw: { atm: '3', priority: '1000000' },
    shape: {
      device: { pushkey: 'string (14)', defaultPayload: { value: { aps: { alert: 'string (6)', badge: 'number' }, 'name 2 (11)': ['boolean', 'string (6)'] } } },
      notification: { counts: { unread: 'number' }, userIsTarget: 'boolean', content: { text: { body: 'string (12)', 'name 2 (10)': 'string (6)' } } },
    },
  });
});

it.each([
  ['sealing-key-unknown', createDispatchCodec({ keys: [randomBytes(32)] })],
  ['sealing-key-unknown', createDispatchCodec()],
])('says why it cannot be opened (%s)', async (why, codec) => {
  const secret = secretOf();
  await putFailed({ redis: redis(), prefix: prefix(), appKey: 'a', codec: createDispatchCodec({ keys: [key] }) }, [push({ dispatch: secret })]);
  const shown = await failedPushes(codec).show('a', secret.id);
  expect(shown).toMatchObject({ unreadable: why, kind: 'event', eventHash: 'event-1' });
  expect(shown).not.toHaveProperty('shape');
});

it('has what is left of a job that is damaged', async () => {
  const { dispatch: { id } } = push();
  await redis().zadd(`${base()}failed`, FAILED_AT, id);
  await redis().hset(`${base()}${id}`, { data: '{"v":1', stacktrace: '["Error: at SECRET"]', failedReason: 'x' });
  expect(await failedPushes().show('a', id)).toEqual({
    ...{ id, app: 'a', failedAt: FAILED_AT, outcome: 'dead', reason: 'crashed', attempts: 0, replayed: 0 },
    ...{ priority: 'high', history: [], unreadable: 'unreadable', raw: {} },
  });
});
