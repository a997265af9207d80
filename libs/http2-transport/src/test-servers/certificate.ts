import { generateKeyPairSync } from 'node:crypto';
import { pki, md } from 'node-forge';

/** A throw-away authority and a certificate of it for loopback; made at test time, never stored. */
export interface TestCertificate {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const VALID_FOR_MS = 60 * 60 * 1000;

export function makeCertificate(): TestCertificate {
  const authority = makeKeys();
  const ca = sign({
    commonName: 'Reveille test CA',
    keys: authority,
    issuer: 'Reveille test CA',
    issuerKey: authority.privateKey,
  });
  const server = makeKeys();
  const cert = sign({
    commonName: 'localhost',
    keys: server,
    issuer: 'Reveille test CA',
    issuerKey: authority.privateKey,
  });
  return { ca, cert, key: pki.privateKeyToPem(server.privateKey) };
}

interface SignOptions {
  readonly commonName: string;
  readonly keys: pki.rsa.KeyPair;
  readonly issuer: string;
  readonly issuerKey: pki.rsa.PrivateKey;
}

function sign({ commonName, keys, issuer, issuerKey }: SignOptions): string {
  const certificate = pki.createCertificate();
  certificate.publicKey = keys.publicKey;
  certificate.serialNumber = `01${Math.floor(Math.random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0')}`;
  certificate.validity.notBefore = new Date(Date.now() - VALID_FOR_MS);
  certificate.validity.notAfter = new Date(Date.now() + VALID_FOR_MS);
  certificate.setSubject([{ name: 'commonName', value: commonName }]);
  certificate.setIssuer([{ name: 'commonName', value: issuer }]);
  const isAuthority = commonName === issuer;
  certificate.setExtensions([
    { name: 'basicConstraints', cA: isAuthority },
    ...(isAuthority ? [{ name: 'keyUsage', keyCertSign: true }] : [{ name: 'subjectAltName', altNames: LOOPBACK }]),
  ]);
  certificate.sign(issuerKey, md.sha256.create());
  return pki.certificateToPem(certificate);
}

const LOOPBACK = [
  { type: 2, value: 'localhost' },
  { type: 7, ip: '127.0.0.1' },
];

/** Node's own generator: node-forge's takes seconds. */
function makeKeys(): pki.rsa.KeyPair {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const key = pki.privateKeyFromPem(privateKey);
  return { privateKey: key, publicKey: pki.setRsaPublicKey(key.n, key.e) };
}
