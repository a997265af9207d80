/// <reference lib="es2024.string" />
import type { Notification } from '@reveille/notification';

import { cutCodePoints } from './code-points';

/**
 * A localised alert: the app holds the texts by `loc-key`, `loc-args` fill them in (Apple, "Generating a remote
 * notification").
 */
export interface LocalisedAlert {
  readonly locKey: string;
  readonly locArgs: readonly string[];
}

/** Names longer than this are cut (sygnal, MAX_FIELD_LENGTH), in code points. */
const MAX_NAME_LENGTH = 1024;

type Facts = Omit<Notification, 'devices'>;

/** The alert for an event: the keys that apps written for sygnal know. undefined: the event deserves none. */
export function chooseAlert(notification: Facts): LocalisedAlert | undefined {
  if (!notification.type) return undefined;
  const from = nameOf(notification.senderDisplayName || notification.sender || ' ');
  const room = nameOf(notification.roomName || notification.roomAlias || '');
  switch (notification.type) {
    case 'm.room.message':
    case 'm.room.encrypted':
      return messageAlert(from, room, notification);
    case 'm.call.invite':
      return callAlert(from, notification);
    case 'm.room.member':
      return inviteAlert(from, room, notification);
    default:
      // Not a type that we know, but a push rule found it worth a push.
      return { locKey: 'MSG_FROM_USER', locArgs: [from] };
  }
}

function callAlert(from: string, { content }: Facts): LocalisedAlert {
  return { locKey: content?.offersVideo ? 'VIDEO_CALL_FROM_USER' : 'VOICE_CALL_FROM_USER', locArgs: [from] };
}

function messageAlert(from: string, room: string, { content }: Facts): LocalisedAlert {
  const msgtype = content?.text.msgtype;
  const body = content?.text.body;
  if (msgtype === undefined || body === undefined) return plainAlert(from, room);
  const text = body.toWellFormed();
  if (msgtype === 'm.image') {
    return room
      ? { locKey: 'IMAGE_FROM_USER_IN_ROOM', locArgs: [from, text, room] }
      : { locKey: 'IMAGE_FROM_USER', locArgs: [from, text] };
  }
  // An empty text has nothing to show (sygnal does the same).
  if (!text) return plainAlert(from, room);
  return msgtype === 'm.emote' ? actionAlert(from, room, text) : contentAlert(from, room, text);
}

function contentAlert(from: string, room: string, text: string): LocalisedAlert {
  return room
    ? { locKey: 'MSG_FROM_USER_IN_ROOM_WITH_CONTENT', locArgs: [from, room, text] }
    : { locKey: 'MSG_FROM_USER_WITH_CONTENT', locArgs: [from, text] };
}

function actionAlert(from: string, room: string, text: string): LocalisedAlert {
  return room
    ? { locKey: 'ACTION_FROM_USER_IN_ROOM', locArgs: [room, from, text] }
    : { locKey: 'ACTION_FROM_USER', locArgs: [from, text] };
}

function plainAlert(from: string, room: string): LocalisedAlert {
  return room
    ? { locKey: 'MSG_FROM_USER_IN_ROOM', locArgs: [from, room] }
    : { locKey: 'MSG_FROM_USER', locArgs: [from] };
}

/** Only an invitation of the user whom the push is for; other changes of membership show nothing. */
function inviteAlert(from: string, room: string, notification: Facts): LocalisedAlert | undefined {
  const membership = notification.membership || notification.content?.text.membership;
  if (!notification.userIsTarget || membership !== 'invite') return undefined;
  return room
    ? { locKey: 'USER_INVITE_TO_NAMED_ROOM', locArgs: [from, room] }
    : { locKey: 'USER_INVITE_TO_CHAT', locArgs: [from] };
}

function nameOf(name: string): string {
  return cutCodePoints(name, MAX_NAME_LENGTH).toWellFormed();
}
