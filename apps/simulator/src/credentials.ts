import { generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

import forge from 'node-forge';

import { LOOPBACK } from './listen';

const generate = promisify(generateKeyPair);

/** Long enough for any run; the keys are thrown away with the directory. */
const VALID_FOR_MS = 30 * 24 * 3600 * 1000;
/** For clients whose clock is behind. */
const CLOCK_SKEW_MS = 3600 * 1000;
const RSA_BITS = 2048;
/** X.520 userId, where Apple's push certificates have the topic. */
const UID_OID = '0.9.2342.19200300.100.1.1';

/** Throw-away keys and certificates, all PEM; made on the spot. */
export interface Credentials {
  /** The authority that signed the two certificates. */
  readonly ca: string;
  readonly server: { readonly certificate: string; readonly key: string };
  /** Certificate and key in one, as APNs' `certfile` wants them. */
  readonly clientCertificate: string;
  readonly apns: { readonly privateKey: string; readonly publicKey: KeyObject };
  readonly serviceAccount: { readonly privateKey: string; readonly publicKey: KeyObject };
}

export async function makeCredentials(topic: string): Promise<Credentials> {
  // Making an RSA key takes 150 to 500 ms of CPU, and every test file starts a simulator: the authority, both
  // certificates and the service account share one. They are thrown away together.
  const [rsa, apns] = await Promise.all([
    generate('rsa', { modulusLength: RSA_BITS }),
    generate('ec', { namedCurve: 'P-256' }),
  ]);
  const key = pem(rsa.privateKey);
  const keys = {
    publicKey: forge.pki.publicKeyFromPem(pem(rsa.publicKey)),
    privateKey: forge.pki.privateKeyFromPem(key),
  };
  const authority = [{ name: 'commonName', value: 'Reveille simulator authority' }];
  const sign = (subject: forge.pki.CertificateField[], extensions: object[]) =>
    makeCertificate({ keys, subject, issuer: authority, extensions });
  return {
    ca: sign(authority, [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ]),
    server: {
      key,
      certificate: sign(
        [{ name: 'commonName', value: 'localhost' }],
        [
          { name: 'extKeyUsage', serverAuth: true },
          {
            name: 'subjectAltName',
            altNames: [
              { type: 2, value: 'localhost' },
              { type: 7, ip: LOOPBACK },
            ],
          },
        ],
      ),
    },
    clientCertificate:
      sign(
        [
          { name: 'commonName', value: `Apple Push Services: ${topic}` },
          { type: UID_OID, value: topic },
        ],
        [{ name: 'extKeyUsage', clientAuth: true }],
      ) + key,
    apns: { privateKey: pem(apns.privateKey), publicKey: apns.publicKey },
    serviceAccount: { privateKey: key, publicKey: rsa.publicKey },
  };
}

function makeCertificate(what: {
  keys: forge.pki.rsa.KeyPair;
  subject: forge.pki.CertificateField[];
  issuer: forge.pki.CertificateField[];
  extensions: object[];
}): string {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = what.keys.publicKey;
  // Positive and without a leading zero byte, as DER wants an integer.
  certificate.serialNumber = `4${randomBytes(8).toString('hex').slice(1)}`;
  certificate.validity.notBefore = new Date(Date.now() - CLOCK_SKEW_MS);
  certificate.validity.notAfter = new Date(Date.now() + VALID_FOR_MS);
  certificate.setSubject(what.subject);
  certificate.setIssuer(what.issuer);
  certificate.setExtensions(what.extensions);
  certificate.sign(what.keys.privateKey, forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n');
}

function pem(key: KeyObject): string {
  return key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }).toString();
}
