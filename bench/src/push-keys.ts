import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import forge from 'node-forge';

/** Throw-away keys, as files where a configuration wants files. */
export interface PushKeys {
  /** PEM; also its own authority. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
  readonly caFile: string;
  /** Apple's signing key, `.p8`. */
  readonly apnsKeyFile: string;
  readonly serviceAccountFile: string;
}

/** Longer than any run. */
const VALID_FOR_MS = 24 * 3600 * 1000;
const OWNER_ONLY = 0o600;

/** Makes keys for a push server on 127.0.0.1 and writes them to `directory`. */
export function makePushKeys(directory: string): PushKeys {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const certificate = selfSigned(rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString(), key);
  const apns = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const write = (name: string, content: string): string => {
    const file = join(directory, name);
    writeFileSync(file, content, { mode: OWNER_ONLY });
    return file;
  };
  return {
    certificate,
    key,
    caFile: write('ca.crt', certificate),
    apnsKeyFile: write('apns.p8', apns.export({ type: 'pkcs8', format: 'pem' }).toString()),
    serviceAccountFile: write(
      'service-account.json',
      JSON.stringify({
        type: 'service_account',
        project_id: 'bench',
        private_key: key,
        client_email: 'bench@bench.iam.gserviceaccount.com',
        token_uri: 'http://127.0.0.1/token', // token_url of the app wins
      }),
    ),
  };
}

function selfSigned(publicKey: string, privateKey: string): string {
  const certificate = forge.pki.createCertificate();
  const name = [{ name: 'commonName', value: 'localhost' }];
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = '01';
  certificate.validity.notBefore = new Date(Date.now() - VALID_FOR_MS);
  certificate.validity.notAfter = new Date(Date.now() + VALID_FOR_MS);
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true },
    { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}
