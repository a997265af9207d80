import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import forge from 'node-forge';

/** Throw-away certificates as files: paths. */
export interface TlsFiles {
  readonly ca: string;
  /** Of a server, by default at 127.0.0.1 and localhost. */
  readonly cert: string;
  readonly key: string;
}

const VALID_FOR_MS = 24 * 3600 * 1000;
const CLOCK_SKEW_MS = 3600 * 1000;
const RSA_BITS = 2048;

/** Writes an authority, and a certificate for `host` that it signed, into a new folder `name` of `directory`. */
export async function makeTlsFiles(directory: string, name = 'tls', host = 'localhost'): Promise<TlsFiles> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: RSA_BITS,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const keys = { publicKey: forge.pki.publicKeyFromPem(publicKey), privateKey: forge.pki.privateKeyFromPem(privateKey) };
  const authority = [{ name: 'commonName', value: `test authority ${name} ${Date.now()}` }];
  const folder = join(directory, name);
  await mkdir(folder, { recursive: true });
  const files = { ca: join(folder, 'ca.pem'), cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  const altNames = [{ type: 2, value: host }, ...(host === 'localhost' ? [{ type: 7, ip: '127.0.0.1' }] : [])];
  await writeFile(files.ca, certificate({ keys, subject: authority, issuer: authority, extensions: [{ name: 'basicConstraints', cA: true }] }));
  await writeFile(
    files.cert,
    certificate({
      keys,
      subject: [{ name: 'commonName', value: 'localhost' }],
      issuer: authority,
      extensions: [{ name: 'subjectAltName', altNames }],
    }),
  );
  await writeFile(files.key, privateKey, { mode: 0o600 });
  return files;
}

function certificate(what: {
  keys: forge.pki.rsa.KeyPair;
  subject: forge.pki.CertificateField[];
  issuer: forge.pki.CertificateField[];
  extensions: object[];
}): string {
  const made = forge.pki.createCertificate();
  made.publicKey = what.keys.publicKey;
  made.serialNumber = `01${Math.floor(Math.random() * 1e9).toString(16).padStart(8, '0')}`;
  made.validity.notBefore = new Date(Date.now() - CLOCK_SKEW_MS);
  made.validity.notAfter = new Date(Date.now() + VALID_FOR_MS);
  made.setSubject(what.subject);
  made.setIssuer(what.issuer);
  made.setExtensions(what.extensions);
  made.sign(what.keys.privateKey, forge.md.sha256.create());
  return forge.pki.certificateToPem(made);
}
