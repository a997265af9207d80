import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';

import type { SettingProblem } from '@reveille/provider';

import type { ApnsSettings } from './settings';

/** What an app needs to speak to APNs, read and checked. Holds secrets: never log it. */
export interface ApnsCredentials {
  readonly identity: SigningKey | ClientCertificate;
  readonly topic: string;
  /** PEM, trusted beside the system's authorities. */
  readonly ca?: string;
}

/** Token-based: a JWT is signed with it (Apple, "Establishing a token-based connection to APNs"). */
export interface SigningKey {
  readonly kind: 'signing-key';
  /** PEM, PKCS #8. */
  readonly privateKey: string;
  readonly keyId: string;
  readonly teamId: string;
}

/** Certificate-based: the TLS client certificate says who we are. */
export interface ClientCertificate {
  readonly kind: 'certificate';
  /** PEM. */
  readonly cert: string;
  /** PEM, PKCS #8. */
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** The curve of ES256 (RFC 7518, section 3.4), by OpenSSL's name. */
const SIGNING_CURVE = 'prime256v1';
/** Bundle id in the subject of a push certificate. */
const TOPIC_IN_SUBJECT = /^UID=(.+)$/m;

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const PEM_PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/;
const PEM_ENCRYPTED_KEY = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;

/** What would be right, as it would stand in the file. */
const EXAMPLES = {
  keyfile: 'keyfile: AuthKey_ABC1234567.p8',
  key_id: 'key_id: ABC1234567',
  team_id: 'team_id: TEAM123456',
  certfile: 'certfile: push-certificate-and-key.pem',
  topic: 'topic: com.example.app',
  ca_file: 'ca_file: authorities.pem',
} as const satisfies Partial<Record<keyof ApnsSettings, string>>;
type ExampleKey = keyof typeof EXAMPLES;

interface Loader {
  readonly settings: ApnsSettings;
  readonly problems: SettingProblem[];
  /** The text of the file that a setting names; undefined, with a problem, when it cannot be read. */
  read(key: 'keyfile' | 'certfile' | 'ca_file', file: string): string | undefined;
  report(key: ExampleKey, message: string): undefined;
  readonly now: number;
}

/**
 * Reads and checks the key, certificate and authorities of an app. Nothing is tried against Apple.
 *
 * @param readFile throws when the file cannot be read; resolves relative paths.
 * @param now milliseconds since the epoch, for the end of a certificate.
 * @returns credentials, or every problem found; a problem never holds anything of a file.
 */
export function loadApnsCredentials(
  settings: ApnsSettings,
  readFile: (path: string) => string,
  now: () => number = Date.now,
): { credentials?: ApnsCredentials; problems: SettingProblem[] } {
  const loader = createLoader(settings, readFile, now());
  const identity = loadIdentity(loader);
  const topic = loadTopic(loader, identity);
  const ca = settings.ca_file === undefined ? undefined : loadAuthorities(loader, settings.ca_file);
  if (!identity || !topic || loader.problems.length > 0) return { problems: loader.problems };
  return { credentials: { identity, topic, ...(ca !== undefined && { ca }) }, problems: [] };
}

function createLoader(settings: ApnsSettings, readFile: (path: string) => string, now: number): Loader {
  const problems: SettingProblem[] = [];
  const report: Loader['report'] = (key, message) => {
    problems.push({ path: [key], message, example: EXAMPLES[key] });
  };
  const read: Loader['read'] = (key, file) => {
    try {
      return readFile(file);
    } catch (error) {
      return report(key, `cannot be read (${errorCode(error)})`);
    }
  };
  return { settings, problems, report, read, now };
}

function loadIdentity(loader: Loader): SigningKey | ClientCertificate | undefined {
  const { keyfile, certfile } = loader.settings;
  if (keyfile !== undefined && certfile !== undefined) {
    return loader.report('certfile', 'stands beside keyfile, but only one of them can say who we are: remove one');
  }
  if (keyfile !== undefined) return loadSigningKey(loader, keyfile);
  if (certfile !== undefined) return loadCertificate(loader, certfile);
  return loader.report('keyfile', 'is missing, and certfile too: Apple has to know who we are');
}

function loadSigningKey(loader: Loader, keyfile: string): SigningKey | undefined {
  const { key_id: keyId, team_id: teamId } = loader.settings;
  if (keyId === undefined) loader.report('key_id', 'is missing: keyfile needs it');
  if (teamId === undefined) loader.report('team_id', 'is missing: keyfile needs it');
  const pem = loader.read('keyfile', keyfile);
  const privateKey = pem === undefined ? undefined : parsePrivateKey(loader, 'keyfile', pem);
  if (!privateKey) return undefined;
  if (privateKey.asymmetricKeyType !== 'ec' || privateKey.asymmetricKeyDetails?.namedCurve !== SIGNING_CURVE) {
    return loader.report('keyfile', `holds ${describeKey(privateKey)}, but Apple's keys (.p8) are EC keys on P-256`);
  }
  if (keyId === undefined || teamId === undefined) return undefined;
  return { kind: 'signing-key', privateKey: toPem(privateKey), keyId, teamId };
}

function loadCertificate(loader: Loader, certfile: string): ClientCertificate | undefined {
  const pem = loader.read('certfile', certfile);
  if (pem === undefined) return undefined;
  const chain = pem.match(PEM_CERTIFICATE);
  const certificate = chain?.[0] === undefined ? undefined : parseCertificate(chain[0]);
  if (!chain || !certificate) return loader.report('certfile', 'holds no readable PEM certificate');
  const key = parsePrivateKey(loader, 'certfile', pem);
  if (!key) return undefined;
  if (!certificate.checkPrivateKey(key)) {
    return loader.report('certfile', 'holds a private key that does not belong to its first certificate');
  }
  const expiresAt = Date.parse(certificate.validTo);
  if (expiresAt <= loader.now) {
    return loader.report('certfile', `holds a certificate that expired on ${new Date(expiresAt).toISOString()}`);
  }
  return { kind: 'certificate', cert: chain.join('\n'), key: toPem(key), expiresAt };
}

/** With a certificate for one app only, Apple's topic stands in its subject. */
function loadTopic(loader: Loader, identity: SigningKey | ClientCertificate | undefined): string | undefined {
  const { settings } = loader;
  if (settings.topic !== undefined) return settings.topic;
  if (settings.keyfile !== undefined) return loader.report('topic', 'is missing: keyfile needs it');
  if (identity?.kind !== 'certificate') return undefined;
  const topic = TOPIC_IN_SUBJECT.exec(parseCertificate(identity.cert)?.subject ?? '')?.[1];
  return topic ?? loader.report('topic', 'is missing, and the certificate names no bundle id');
}

function loadAuthorities(loader: Loader, file: string): string | undefined {
  const pem = loader.read('ca_file', file);
  if (pem === undefined) return undefined;
  const certificates = pem.match(PEM_CERTIFICATE) ?? [];
  if (certificates.length === 0 || !certificates.every(parseCertificate)) {
    return loader.report('ca_file', 'holds no readable PEM certificate');
  }
  return certificates.join('\n');
}

function parsePrivateKey(loader: Loader, setting: 'keyfile' | 'certfile', pem: string): KeyObject | undefined {
  if (PEM_ENCRYPTED_KEY.test(pem)) {
    return loader.report(setting, 'holds an encrypted private key: it must be without a passphrase');
  }
  if (!PEM_PRIVATE_KEY.test(pem)) return loader.report(setting, 'holds no PEM private key (BEGIN PRIVATE KEY)');
  try {
    return createPrivateKey(pem.slice(pem.search(PEM_PRIVATE_KEY)));
  } catch {
    // OpenSSL's words say little and might quote: ours are enough.
    return loader.report(setting, 'holds a malformed private key');
  }
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function describeKey({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  const curve = asymmetricKeyDetails?.namedCurve;
  return `a private key of type ${asymmetricKeyType ?? 'unknown'}${curve === undefined ? '' : ` on ${curve}`}`;
}

function toPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
}
