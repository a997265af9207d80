import { z } from 'zod';

import { duration } from '../duration';
import { isPasswordHash } from '../password-hash';
import { addressRanges, bindAddress, filePath, port, text, webUrl } from '../scalars';

/** Letters of any script, digits and what mail addresses have: a name stands in logs, in the audit and on the page. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@+-]{0,63}$/u;
/** RFC 9110, 5.1. */
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/;
/** Headers that the admin reads itself, or that everybody sends. */
const OTHER_HEADERS = ['authorization', 'cookie', 'host', 'origin', 'referer', 'user-agent', 'accept', 'content-type', 'content-length'];
/** Characters. A shorter one could be found by trying. */
const MIN_TOKEN_LENGTH = 16;
const MAX_SESSION_MS = 90 * 86_400_000;

const name = z.string().refine((value) => NAME.test(value), 'must be 1 to 64 letters, digits, spaces or . _ @ + -');
const role = z.enum(['viewer', 'operator']).meta({ example: 'viewer' });

const user = z.strictObject({
  name,
  role,
  password_hash: z
    .string()
    .refine(isPasswordHash, 'must be a hash as `reveille hash-password` prints it')
    .meta({ example: 'the output of: reveille hash-password', secret: true })
    .optional(),
});

const token = z
  .strictObject({
    name,
    role,
    token: text('The token.', { example: 'the output of: openssl rand -hex 32', secret: true, minLength: MIN_TOKEN_LENGTH }).optional(),
    token_file: filePath('A file that holds the token.', '/run/secrets/reveille-admin-token').optional(),
  })
  .refine((value) => value.token !== undefined || value.token_file !== undefined, {
    path: ['token_file'],
    message: 'is required: the name of a file that holds the token',
  });

function hasDistinctNames(entries: readonly { readonly name: string }[]): boolean {
  return new Set(entries.map((entry) => entry.name)).size === entries.length;
}

export const admin = z
  .strictObject({
    bind_address: bindAddress('Where the admin listens.').prefault('127.0.0.1'),
    port: port('Port of the admin.').prefault(5001),
    users: z
      .array(user)
      .refine(hasDistinctNames, 'must have different names')
      .meta({
        description:
          'Who may sign in: `name`, `role` (`viewer` looks, `operator` acts) and `password_hash` (`reveille hash-password` makes one; ' +
          'without it only `trusted_header` lets the user in). With no user, token and trusted header, `serve` makes a password at each start and prints it.',
        type: 'list of users',
        example: [{ name: 'alice', role: 'operator', password_hash: '$scrypt$ln=15,r=8,p=1$...' }],
      })
      .prefault([]),
    tokens: z
      .array(token)
      .refine(hasDistinctNames, 'must have different names')
      .meta({
        description:
          'Programs that may use the API with `Authorization: Bearer`: `name`, `role`, and `token_file` (or `token`, of at least 16 characters).',
        type: 'list of tokens',
        example: [{ name: 'grafana', role: 'viewer', token_file: '/run/secrets/reveille-admin-token' }],
      })
      .prefault([]),
    trusted_header: z
      .string()
      .refine(
        (value) => HEADER_NAME.test(value) && !OTHER_HEADERS.includes(value.toLowerCase()),
        'must be the name of a header of its own',
      )
      .meta({
        description:
          'The header in which an authenticating proxy names the user. It is believed from `trusted_proxies` only; the proxy must ' +
          'remove it from what its clients send, and either call the admin by its address or have `public_url` say its name: under another ' +
          'name the header counts for nothing, since any page may have its own name point here.',
        type: 'header name',
        example: 'X-Forwarded-User',
      })
      .optional(),
    trusted_header_role: z
      .enum(['none', 'viewer', 'operator'])
      .meta({ description: 'The role of whom that header names and `users` does not; `none`: they are not let in.', example: 'viewer' })
      .prefault('viewer'),
    trusted_proxies: addressRanges(
      'Whose `trusted_header`, `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host` are believed.',
    ).prefault(['loopback']),
    session_ttl: duration({ description: 'How long a login lasts.', min: 60_000, max: MAX_SESSION_MS }).prefault('12h'),
    public_url: webUrl(
      'Where browsers find the admin behind a proxy that changes its address. With `https` its cookie is for TLS only.',
      'https://push-admin.example.com',
    ).optional(),
  })
  .meta({ description: 'Queues and failed pushes, for operators: a page, and its API.' });
