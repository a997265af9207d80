import { X509Certificate } from 'node:crypto';

import type { SettingProblem } from '@reveille/provider';
import { z } from 'zod';

import { fcmOptions } from './message-options';
import { isTokenUrl, parseServiceAccount } from './service-account';
import type { ServiceAccount } from './service-account';

/** Where FCM HTTP v1 is. */
export const FCM_URL = 'https://fcm.googleapis.com:443';

const isHttpsOrigin = (text: string) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'https:' && url.pathname === '/' && url.search === '' && url.username === '';
};

/**
 * The keys of an app of `type: fcm` besides those of every app (among them sygnal's `inflight_request_limit`, and
 * `proxy`): sygnal's, unchanged, and `url`, `ca_file`, `token_url`.
 */
export const fcmSettingsShape = {
  type: z.enum(['fcm', 'gcm']).describe('Firebase Cloud Messaging, HTTP v1; `gcm` is another name for `fcm`.'),
  project_id: z
    .string()
    .regex(/^[\w.:-]+$/, 'must be a Firebase project id, such as my-project')
    .optional()
    .meta({
      description: 'Firebase project; by default the one that the service account file names.',
      example: 'my-project',
    }),
  service_account_file: z
    .string()
    .min(1)
    .optional()
    .meta({
      description: 'JSON key file of a service account. Absent: Google application default credentials.',
      example: 'service-account.json',
      secretFile: true,
    }),
  fcm_options: fcmOptions
    .optional()
    .describe(
      'Further fields of the message, in the form of FCM HTTP v1: `notification`, `android` (merged with ours), ' +
        '`apns`, `webpush`, `fcm_options`.',
    ),
  send_badge_counts: z.boolean().default(true).describe('Send `unread` and `missed_calls`.'),
  url: z
    .string()
    .refine(isHttpsOrigin, 'must be an https URL without a path, such as https://localhost:2197')
    .default(FCM_URL)
    .describe('FCM, or a simulator or gateway in its place.'),
  ca_file: z
    .string()
    .min(1)
    .optional()
    .meta({
      description: "PEM file with authorities to trust for `url` and `token_url` beside the system's.",
      example: 'authorities.pem',
    }),
  token_url: z
    .string()
    .refine(isTokenUrl, 'must be an https URL, such as https://localhost:2198/token')
    .optional()
    .meta({
      description: 'OAuth token endpoint; by default the `token_uri` of the service account file.',
      example: 'https://localhost:2198/token',
    }),
  api_version: z
    .enum(['v1', 'legacy'])
    .optional()
    .describe('Accepted from sygnal without effect: Google has switched the legacy API off, `v1` is what is left.'),
  api_key: z
    .string()
    .optional()
    .meta({ description: 'Accepted from sygnal without effect: the key of the legacy API.', secret: true }),
  max_connections: z
    .int()
    .positive()
    .optional()
    .describe('Accepted from sygnal without effect: one HTTP/2 connection carries many pushes.'),
};

export type FcmSettings = z.infer<z.ZodObject<typeof fcmSettingsShape>>;

/** Everything of an app's settings that lies in files, read and checked. */
export interface FcmCredentials {
  readonly projectId: string;
  /** Absent: application default credentials. */
  readonly serviceAccount?: ServiceAccount;
  /** PEM of `ca_file`. */
  readonly ca?: string;
}

/**
 * Reads and checks the files that an app's settings name, and finds every problem at once. Nothing is tried against
 * Google. Problems never hold anything of a key.
 *
 * @param readFile the text of a file, by the path as it stands in the settings; throws as `readFileSync` does
 */
export function loadFcmCredentials(
  settings: FcmSettings,
  readFile: (path: string) => string,
): { credentials?: FcmCredentials; problems: SettingProblem[] } {
  const account = loadServiceAccount(settings, readFile);
  const ca = loadCa(settings, readFile);
  const problems = [...account.problems, ...ca.problems];
  const projectId = settings.project_id ?? account.value?.projectId;
  if (projectId === undefined && account.problems.length === 0) {
    const message = 'is needed: the service account file, if there is one, names no project';
    problems.push({ path: ['project_id'], message, example: 'project_id: my-project' });
  }
  if (projectId === undefined || problems.length > 0) {
    return { problems };
  }
  const credentials = {
    projectId,
    ...(account.value && { serviceAccount: account.value }),
    ...(ca.value !== undefined && { ca: ca.value }),
  };
  return { credentials, problems };
}

interface Loaded<T> {
  readonly value?: T;
  readonly problems: readonly SettingProblem[];
}

function loadServiceAccount(settings: FcmSettings, readFile: (path: string) => string): Loaded<ServiceAccount> {
  const path = settings.service_account_file;
  if (path === undefined) {
    return { problems: legacyProblems(settings) };
  }
  const file = readText('service_account_file', path, readFile);
  if (file.value === undefined) {
    return { problems: file.problems };
  }
  const parsed = parseServiceAccount(file.value);
  return parsed.ok ? { value: parsed.account, problems: [] } : { problems: parsed.problems };
}

/** Without a service account a legacy configuration would silently become application default credentials. */
function legacyProblems(settings: FcmSettings): SettingProblem[] {
  const key = settings.api_key !== undefined ? 'api_key' : 'api_version';
  if (settings.api_key === undefined && settings.api_version !== 'legacy') {
    return [];
  }
  const message = 'is for the legacy FCM API, which Google switched off in 2024; HTTP v1 needs a service account';
  return [{ path: [key], message, example: 'service_account_file: service-account.json' }];
}

function loadCa(settings: FcmSettings, readFile: (path: string) => string): Loaded<string> {
  if (settings.ca_file === undefined) {
    return { problems: [] };
  }
  const file = readText('ca_file', settings.ca_file, readFile);
  if (file.value === undefined || isCertificates(file.value)) {
    return file;
  }
  const message = 'the file holds no certificate in PEM form, or a malformed one';
  return { problems: [{ path: ['ca_file'], message, example: '-----BEGIN CERTIFICATE-----' }] };
}

function readText(key: string, path: string, readFile: (path: string) => string): Loaded<string> {
  try {
    return { value: readFile(path), problems: [] };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    const example = `${key}: a file that this process may read`;
    return { problems: [{ path: [key], message: `the file cannot be read (${code})`, example }] };
  }
}

function isCertificates(pem: string): boolean {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block)).length > 0;
  } catch {
    return false;
  }
}
