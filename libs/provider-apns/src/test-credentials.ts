import { generateKeyPairSync } from 'node:crypto';

import { md, pki } from 'node-forge';

/** OID of UID (RFC 4519, section 2.39): the bundle id in the subject of Apple's push certificates. */
const UID = '0.9.2342.19200300.100.1.1';

/** A throw-away signing key as Apple's .p8 files have it, PEM. */
export function makeSigningKey(namedCurve = 'P-256'): string {
  return generateKeyPairSync('ec', {
    namedCurve,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
}

export function makeRsaKey(passphrase?: string): { privateKey: string; publicKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: {
      type: 'pkcs8',
      format: 'pem',
      ...(passphrase !== undefined && { cipher: 'aes-256-cbc', passphrase }),
    },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
}

interface CertificateParts {
  readonly notAfter: Date;
  /** Bundle id in the subject. */
  readonly topic?: string;
  readonly commonName?: string;
}

/** A self-signed certificate, PEM. */
export function makeCertificate(keys: { privateKey: string; publicKey: string }, parts: CertificateParts): string {
  const certificate = pki.createCertificate();
  certificate.publicKey = pki.publicKeyFromPem(keys.publicKey);
  certificate.serialNumber = '01';
  certificate.validity.notBefore = new Date(parts.notAfter.getTime() - 86_400_000);
  certificate.validity.notAfter = parts.notAfter;
  const name = [{ name: 'commonName', value: parts.commonName ?? 'Apple Push Services: test' }];
  certificate.setSubject(parts.topic === undefined ? name : [{ type: UID, value: parts.topic }, ...name]);
  certificate.setIssuer(name);
  certificate.sign(pki.privateKeyFromPem(keys.privateKey), md.sha256.create());
  return pki.certificateToPem(certificate);
}
