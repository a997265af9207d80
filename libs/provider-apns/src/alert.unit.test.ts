import type { EventContent, Notification } from '@reveille/notification';

import { chooseAlert } from './alert';

type Facts = Omit<Notification, 'devices'>;

const none: Facts = { userIsTarget: false, priority: 'high', counts: {} };
const sender = { sender: '@a:hs', senderDisplayName: 'Alice' };
const text = (values: Record<string, string>): EventContent => ({ text: values, offersVideo: false });
const message = { ...sender, type: 'm.room.message' };
const body = (msgtype: string, words = 'hi') => text({ msgtype, body: words });
const inRoom = { roomName: 'Room' };
const invite = { ...sender, type: 'm.room.member', userIsTarget: true, membership: 'invite' };
const call = { ...sender, type: 'm.call.invite' };

test.each<[string, Partial<Facts>, string, string[]]>([
  [
    'image, room',
    { ...message, ...inRoom, content: body('m.image') },
    'IMAGE_FROM_USER_IN_ROOM',
    ['Alice', 'hi', 'Room'],
  ],
  ['image', { ...message, content: body('m.image') }, 'IMAGE_FROM_USER', ['Alice', 'hi']],
  ['image without a caption', { ...message, content: body('m.image', '') }, 'IMAGE_FROM_USER', ['Alice', '']],
  [
    'text, room',
    { ...message, ...inRoom, content: body('m.text') },
    'MSG_FROM_USER_IN_ROOM_WITH_CONTENT',
    ['Alice', 'Room', 'hi'],
  ],
  ['text', { ...message, content: body('m.text') }, 'MSG_FROM_USER_WITH_CONTENT', ['Alice', 'hi']],
  ['any other msgtype', { ...message, content: body('m.file') }, 'MSG_FROM_USER_WITH_CONTENT', ['Alice', 'hi']],
  [
    'emote, room',
    { ...message, ...inRoom, content: body('m.emote') },
    'ACTION_FROM_USER_IN_ROOM',
    ['Room', 'Alice', 'hi'],
  ],
  ['emote', { ...message, content: body('m.emote') }, 'ACTION_FROM_USER', ['Alice', 'hi']],
  ['no content, room', { ...message, ...inRoom }, 'MSG_FROM_USER_IN_ROOM', ['Alice', 'Room']],
  ['no content', message, 'MSG_FROM_USER', ['Alice']],
  ['empty body', { ...message, content: body('m.text', '') }, 'MSG_FROM_USER', ['Alice']],
  [
    'empty emote, room',
    { ...message, ...inRoom, content: body('m.emote', '') },
    'MSG_FROM_USER_IN_ROOM',
    ['Alice', 'Room'],
  ],
  ['body without msgtype', { ...message, content: text({ body: 'hi' }) }, 'MSG_FROM_USER', ['Alice']],
  ['msgtype without body', { ...message, content: text({ msgtype: 'm.image' }) }, 'MSG_FROM_USER', ['Alice']],
  [
    'encrypted, room',
    { ...message, ...inRoom, type: 'm.room.encrypted' },
    'MSG_FROM_USER_IN_ROOM',
    ['Alice', 'Room'],
  ],
  [
    'encrypted',
    { ...message, type: 'm.room.encrypted', content: text({ ciphertext: 'x' }) },
    'MSG_FROM_USER',
    ['Alice'],
  ],
  ['room alias', { ...message, roomAlias: '#r:hs' }, 'MSG_FROM_USER_IN_ROOM', ['Alice', '#r:hs']],
  ['name before alias', { ...message, ...inRoom, roomAlias: '#r:hs' }, 'MSG_FROM_USER_IN_ROOM', ['Alice', 'Room']],
  ['sender without a name', { ...message, senderDisplayName: '' }, 'MSG_FROM_USER', ['@a:hs']],
  ['no sender at all', { type: 'm.room.message' }, 'MSG_FROM_USER', [' ']],
  ['voice call', { ...call, content: text({}) }, 'VOICE_CALL_FROM_USER', ['Alice']],
  ['call without content', { ...call, ...inRoom }, 'VOICE_CALL_FROM_USER', ['Alice']],
  ['video call', { ...call, content: { text: {}, offersVideo: true } }, 'VIDEO_CALL_FROM_USER', ['Alice']],
  ['invite, room', { ...invite, ...inRoom }, 'USER_INVITE_TO_NAMED_ROOM', ['Alice', 'Room']],
  ['invite, alias', { ...invite, roomAlias: '#r:hs' }, 'USER_INVITE_TO_NAMED_ROOM', ['Alice', '#r:hs']],
  ['invite', invite, 'USER_INVITE_TO_CHAT', ['Alice']],
  [
    'invite in content',
    { ...invite, membership: '', content: text({ membership: 'invite' }) },
    'USER_INVITE_TO_CHAT',
    ['Alice'],
  ],
  ['any other type', { ...sender, ...inRoom, type: 'org.example' }, 'MSG_FROM_USER', ['Alice']],
])('%s', (_name, facts, locKey, locArgs) => {
  expect(chooseAlert({ ...none, ...facts })).toEqual({ locKey, locArgs });
});

test.each<[string, Partial<Facts>]>([
  ['no type', { ...sender, roomName: 'Room' }],
  ['an empty type', { ...sender, type: '' }],
  ['an invitation of somebody else', { ...invite, userIsTarget: false }],
  ['a membership other than invite', { ...invite, membership: 'leave' }],
  ['a membership before the content', { ...invite, membership: 'join', content: text({ membership: 'invite' }) }],
  ['no membership', { type: 'm.room.member', userIsTarget: true }],
])('%s: no alert', (_name, facts) => {
  expect(chooseAlert({ ...none, ...facts })).toBeUndefined();
});

test('names are cut to 1024 characters, whole code points; the content is not', () => {
  const facts = { type: 'm.room.message', senderDisplayName: '😀'.repeat(1025), roomName: 'é'.repeat(2000) };
  const long = 'x'.repeat(2000);
  const alert = chooseAlert({ ...none, ...facts, content: body('m.text', long) });
  expect(alert?.locArgs).toEqual(['😀'.repeat(1024), 'é'.repeat(1024), long]);
});
