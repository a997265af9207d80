import { z } from 'zod';

import { parseRedisNode, REDIS_PLACES, usesTls } from '../redis-node';
import { count, filePath, redisUrl, splitCommas, text } from '../scalars';

/** A list of servers, or (in an environment variable) a text with commas. */
function redisNodes(description: string, example: readonly string[]) {
  const node = z
    .string()
    .refine(
      (value) => parseRedisNode(value) !== undefined,
      'must be host:port, if wanted with redis:// or rediss:// before it; user and password are settings of their own',
    )
    .meta({ example: example[0] });
  return z
    .preprocess(splitCommas, z.array(node).min(1))
    .meta({ description, type: 'list of host:port', example });
}

const shape = {
  url: redisUrl(
    'Redis or Valkey, one server; `rediss://` is TLS. Without `url`, `cluster` and `sentinels`: an embedded server, ' +
      'started by `reveille serve`. `REDIS_URL` sets it too, and replaces the others.',
  ).optional(),
  url_file: filePath('A file that holds the URL.', '/run/secrets/redis-url').optional(),
  cluster: redisNodes('Some nodes of a Redis Cluster; it names the others. Instead of `url`.', [
    'redis-1.example.com:6379',
    'redis-2.example.com:6379',
  ]).optional(),
  sentinels: redisNodes('Redis Sentinels, which know the master of the moment. Instead of `url`.', [
    'sentinel-1.example.com:26379',
    'sentinel-2.example.com:26379',
    'sentinel-3.example.com:26379',
  ]).optional(),
  name: text('What the Sentinels call the master.', { example: 'mymaster' }).optional(),
  sentinel_username: text('ACL user at the Sentinels.', { example: 'reveille' }).optional(),
  sentinel_password: text('Password at the Sentinels.', { example: "'in quotes'", secret: true }).optional(),
  sentinel_password_file: filePath('A file that holds it.', '/run/secrets/sentinel-password').optional(),
  username: text('ACL user, if the URL names none.', { example: 'reveille' }).optional(),
  password: text('Password, if the URL holds none.', { example: "'in quotes'", secret: true }).optional(),
  password_file: filePath('A file that holds the password.', '/run/secrets/redis-password').optional(),
  tls: z
    .boolean()
    .meta({
      description: 'TLS to every server and Sentinel, as `rediss://` before them says too. Certificates are always verified.',
      example: true,
    })
    .optional(),
  ca_file: filePath('The authorities that are trusted, instead of the system\'s.', 'redis-ca.pem').optional(),
  cert_file: filePath('Our certificate, if the server asks for one.', 'redis-client.pem').optional(),
  key_file: filePath('Its key.', 'redis-client.key').meta({ secretFile: true }).optional(),
  wait_for_replicas: count(
    'An admission is acknowledged only when so many replicas have it too; else the homeserver gets 503 and sends again.',
    0,
    1,
  ).prefault(0),
  prefix: text('Start of every key, so that several installations can share a server.', { example: 'reveille' })
    // Braces would change the hash tags that spread the queues over a cluster.
    .regex(/^[A-Za-z0-9_.-]+$/, 'must consist of letters, digits, `_`, `-` and `.`')
    .prefault('reveille'),
  data_directory: filePath('Where the embedded server keeps its append-only file.', './data').prefault('./data'),
};

type RedisShape = Partial<Readonly<Record<keyof typeof shape, unknown>>>;

interface Servers {
  readonly url?: string | undefined;
  readonly cluster?: readonly string[] | undefined;
  readonly sentinels?: readonly string[] | undefined;
  readonly tls?: boolean | undefined;
}

interface Complaint {
  readonly path: keyof typeof shape;
  readonly message: string;
}

export const redis = z
  .strictObject(shape)
  .superRefine((section, context) => {
    const complaints = [...placeComplaints(section), ...sentinelComplaints(section), ...tlsComplaints(section)];
    for (const { path, message } of complaints) context.addIssue({ code: 'custom', path: [path], message });
  })
  .meta({
    description: 'Where accepted pushes wait. The server needs `maxmemory-policy noeviction` and `appendonly yes`.',
  });

function placeComplaints(section: RedisShape): Complaint[] {
  const [first, ...more] = REDIS_PLACES.filter((key) => section[key] !== undefined);
  return more.map((path) => ({ path, message: `stands beside \`${first}\`: keep exactly one of ${REDIS_PLACES.join(', ')}` }));
}

function sentinelComplaints(section: RedisShape): Complaint[] {
  if (section.sentinels !== undefined) {
    return section.name === undefined ? [{ path: 'name', message: 'is required beside `sentinels`' }] : [];
  }
  return (['name', 'sentinel_username', 'sentinel_password'] as const)
    .filter((path) => section[path] !== undefined)
    .map((path) => ({ path, message: 'belongs to `sentinels`, which are not set' }));
}

function tlsComplaints(section: Servers & RedisShape): Complaint[] {
  const servers = [section.url, section.cluster, section.sentinels].flat().filter((server) => server !== undefined);
  const schemes = new Set(servers.map((server) => server.startsWith('rediss:')));
  const complaints: Complaint[] = [];
  if (schemes.size > 1) {
    complaints.push({ path: section.cluster ? 'cluster' : 'sentinels', message: 'must be all with TLS (rediss://) or all without' });
  }
  if (section.tls === false && schemes.has(true)) complaints.push({ path: 'tls', message: 'contradicts rediss://' });
  const isPlain = servers.length > 0 && !usesTls(servers, section.tls);
  return [...complaints, ...(isPlain ? filesWithoutTls(section) : []), ...halfPair(section)];
}

/** Who names an authority believes the connection encrypted. */
function filesWithoutTls(section: RedisShape): Complaint[] {
  return (['ca_file', 'cert_file', 'key_file'] as const)
    .filter((path) => section[path] !== undefined)
    .map((path) => ({ path, message: 'is for TLS, which is off: write rediss:// or `tls: true`' }));
}

function halfPair({ cert_file, key_file }: RedisShape): Complaint[] {
  if ((cert_file === undefined) === (key_file === undefined)) return [];
  const [missing, there] = cert_file === undefined ? (['cert_file', 'key_file'] as const) : (['key_file', 'cert_file'] as const);
  return [{ path: missing, message: `is required beside \`${there}\`` }];
}
