import { z } from 'zod';

/** Where each environment of Apple's answers (Apple, "Sending notification requests to APNs"). */
const PLATFORM_ORIGINS = {
  production: 'https://api.push.apple.com:443',
  sandbox: 'https://api.sandbox.push.apple.com:443',
} as const;

/** sygnal's six, and those that Apple added since. */
const PUSH_TYPES = [
  'alert',
  'background',
  'voip',
  'complication',
  'fileprovider',
  'mdm',
  'location',
  'liveactivity',
  'pushtotalk',
] as const;

/** What may stand in an HTTP header and never needs more: a bundle id and its suffixes. */
const TOPIC = /^[A-Za-z0-9._-]+$/;

const path = z.string().min(1);

/**
 * The keys of an app of `type: apns` besides those of every app (among them sygnal's `inflight_request_limit`, and
 * `proxy`): sygnal's, unchanged, and `url`, `ca_file`.
 */
export const apnsSettingsShape = {
  type: z.literal('apns').describe('The push service: Apple Push Notification service.'),
  keyfile: path.optional().meta({
    description: 'Path of the signing key from Apple (.p8). Either this or `certfile`.',
    example: 'AuthKey_ABC1234567.p8',
    secretFile: true,
  }),
  key_id: z.string().min(1).optional().meta({
    description: 'Id of the signing key (10 characters). Needed with `keyfile`.',
    example: 'ABC1234567',
  }),
  team_id: z.string().min(1).optional().meta({
    description: "Id of the developer's team (10 characters). Needed with `keyfile`.",
    example: 'TEAM123456',
  }),
  certfile: path.optional().meta({
    description: 'Path of a PEM file: push certificate and its unencrypted private key. Either this or `keyfile`.',
    example: 'push-certificate-and-key.pem',
    secretFile: true,
  }),
  topic: z
    .string()
    .regex(TOPIC, 'must be a bundle id: letters, digits, dots and hyphens')
    .optional()
    .meta({
      description: "The app's bundle id. Needed with `keyfile`; with `certfile` the certificate's own if absent.",
      example: 'com.example.app',
    }),
  platform: z
    .enum(['production', 'prod', 'sandbox'])
    .default('production')
    .describe("Apple's environment that the device tokens are from; `prod` is the same as `production`."),
  push_type: z
    .enum(PUSH_TYPES)
    .optional()
    .meta({
      description: '`apns-push-type` of every push; absent: `alert` or `background`, as the payload is.',
      example: 'alert',
    }),
  convert_device_token_to_hex: z
    .boolean()
    .default(true)
    .describe('Whether pushkeys are base64 of the device token; `false`: they are hexadecimal already.'),
  send_badge_counts: z.boolean().default(true).describe('Whether the unread counts are sent.'),
  url: z
    .string()
    .refine(isOrigin, 'must be an https URL without a path, as https://localhost:2197')
    .optional()
    .meta({ description: "Instead of Apple's address: a simulator or a relay.", example: 'https://localhost:2197' }),
  ca_file: path.optional().meta({
    description: "Path of a PEM file with authorities to trust for `url` beside the system's.",
    example: 'authorities.pem',
  }),
};

export type ApnsSettings = z.infer<z.ZodObject<typeof apnsSettingsShape>>;

/** `https://host:port` of the server that this app's pushes go to; what decides whether a proxy is used. */
export function apnsOrigin(settings: ApnsSettings): string {
  if (settings.url === undefined) return PLATFORM_ORIGINS[settings.platform === 'sandbox' ? 'sandbox' : 'production'];
  const { hostname, port } = new URL(settings.url);
  return `https://${hostname}:${port || '443'}`;
}

function isOrigin(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, pathname, search, hash, username, password } = new URL(url);
  return protocol === 'https:' && pathname === '/' && [search, hash, username, password].every((part) => part === '');
}
