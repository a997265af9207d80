import { z } from 'zod';

type JsonRecord = Readonly<Record<string, z.infer<ReturnType<typeof z.json>>>>;

/** A field whose value is Google's to judge: a text or number, or a mapping with names of the operator's own. */
const VALUE = 'value';
interface Fields {
  readonly [name: string]: Fields | typeof VALUE;
}

const fields = (...names: readonly string[]): Fields => Object.fromEntries(names.map((name) => [name, VALUE]));

/** What HTTP v1 knows besides the recipient and `data` (FCM REST reference, resource projects.messages). */
const MESSAGE: Fields = {
  notification: fields('title', 'body', 'image'),
  android: {
    ...fields('collapse_key', 'ttl', 'restricted_package_name', 'direct_boot_ok'),
    ...fields('bandwidth_constrained_ok', 'restricted_satellite_ok'),
    notification: {
      ...fields('title', 'body', 'icon', 'color', 'sound', 'tag', 'click_action', 'image', 'channel_id', 'ticker'),
      ...fields('body_loc_key', 'body_loc_args', 'title_loc_key', 'title_loc_args', 'sticky', 'event_time'),
      ...fields('local_only', 'notification_priority', 'notification_count', 'visibility', 'proxy'),
      ...fields('default_sound', 'default_vibrate_timings', 'default_light_settings', 'vibrate_timings'),
      ...fields('bypass_proxy_notification'),
      light_settings: fields('color', 'light_on_duration', 'light_off_duration'),
    },
    fcm_options: fields('analytics_label'),
  },
  apns: { ...fields('headers', 'payload', 'live_activity_token'), fcm_options: fields('analytics_label', 'image') },
  webpush: { ...fields('headers', 'notification'), fcm_options: fields('link', 'analytics_label') },
  fcm_options: fields('analytics_label'),
};

const refusedFor = (instead: string) => `FCM HTTP v1 refuses it here; write instead ${instead}`;
const OWN_RECIPIENT = "must not be set: the recipient of a message is the push's own pushkey";
const OWN_DATA = "must not be set: the data of a message are the push's own";
const OWN_PRIORITY = "must not be set: the priority is the push's own";

/**
 * What people are likely to write all the same, by path, and why it cannot stand there: fields of the legacy API, for
 * which HTTP v1 would refuse every push, and fields that are the push's own.
 */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['content_available', refusedFor('apns: { payload: { aps: { content-available: 1 } } }')],
  ['mutable_content', refusedFor('apns: { payload: { aps: { mutable-content: 1 } } }')],
  ['time_to_live', refusedFor('android: { ttl: 3600s }')],
  ['collapse_key', refusedFor('android: { collapse_key: updates }')],
  ['restricted_package_name', refusedFor('android: { restricted_package_name: com.example.app }')],
  ['priority', OWN_PRIORITY],
  ['android.priority', OWN_PRIORITY],
  ['token', OWN_RECIPIENT],
  ['to', OWN_RECIPIENT],
  ['registration_ids', OWN_RECIPIENT],
  ['topic', OWN_RECIPIENT],
  ['condition', OWN_RECIPIENT],
  ['data', OWN_DATA],
  ['android.data', OWN_DATA],
  ['webpush.data', OWN_DATA],
  ['name', 'must not be set: FCM itself gives a message its name'],
]);

/** `fcm_options`: further fields of every message. A misspelled one would fail every push, or do nothing at all. */
export const fcmOptions = z.record(z.string(), z.json()).superRefine((options, context) => {
  checkFields(options, MESSAGE, [], context);
});

function checkFields(value: JsonRecord, known: Fields, path: readonly string[], context: z.RefinementCtx): void {
  for (const [key, child] of Object.entries(value)) {
    const at = [...path, key];
    const refused = REFUSED.get(at.map(snakeCase).join('.'));
    const field = Object.hasOwn(known, snakeCase(key)) ? known[snakeCase(key)] : undefined;
    if (refused !== undefined) {
      context.addIssue({ code: 'custom', path: at, message: refused });
    } else if (field === undefined) {
      context.addIssue({ code: 'custom', path: at, message: 'unknown field', params: { known: Object.keys(known) } });
    } else if (field !== VALUE && !isMapping(child)) {
      const example = `{ ${Object.keys(field)[0] ?? ''}: ... }`;
      context.addIssue({ code: 'custom', path: at, message: `must be a mapping, such as ${example}` });
    } else if (field !== VALUE && isMapping(child)) {
      checkFields(child, field, at, context);
    }
  }
}

/** Google takes `collapseKey` for `collapse_key` (JSON mapping of protocol buffers), and its libraries write it so. */
function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function isMapping(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
