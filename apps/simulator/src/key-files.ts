import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Credentials } from './credentials';

/** What a configuration file points to. */
export interface SimulatorFiles {
  readonly ca: string;
  /** `.p8` */
  readonly apnsKey: string;
  /** JSON; its `token_uri` is the simulator's. */
  readonly serviceAccount: string;
  /** PEM certificate and key for APNs' `certfile`. */
  readonly clientCertificate: string;
}

export interface KeyDirectory {
  readonly files: SimulatorFiles;
  /** Removes the directory if it is a temporary one of ours. */
  readonly remove: () => Promise<void>;
}

export interface ServiceAccount {
  readonly projectId: string;
  readonly clientEmail: string;
  readonly tokenUrl: string;
}

/** Writes the key files, readable by the user only, to `directory` or to a fresh temporary one. */
export async function writeKeyFiles(
  credentials: Credentials,
  account: ServiceAccount,
  directory: string | undefined,
): Promise<KeyDirectory> {
  const folder = directory ?? (await mkdtemp(join(tmpdir(), 'reveille-simulator-')));
  await mkdir(folder, { recursive: true });
  const write = async (name: string, content: string) => {
    const file = join(folder, name);
    await writeFile(file, content, { mode: 0o600 });
    return file;
  };
  const [ca, apnsKey, serviceAccount, clientCertificate] = await Promise.all([
    write('ca.crt', credentials.ca),
    write('apns-key.p8', credentials.apns.privateKey),
    write('service-account.json', serviceAccountJson(credentials, account)),
    write('apns-certificate.pem', credentials.clientCertificate),
  ]);
  return {
    files: { ca, apnsKey, serviceAccount, clientCertificate },
    remove: async () => {
      if (directory === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

function serviceAccountJson(credentials: Credentials, account: ServiceAccount): string {
  const content = {
    type: 'service_account',
    project_id: account.projectId,
    private_key_id: 'simulated',
    private_key: credentials.serviceAccount.privateKey,
    client_email: account.clientEmail,
    client_id: '100000000000000000000',
    token_uri: account.tokenUrl,
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}
