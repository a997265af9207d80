import type { Simulator } from './simulator';

type AppSection = Readonly<Record<string, unknown>>;

/** The section of an app whose Apple is the simulator. */
export function apnsApp({ apnsUrl, apns, files }: Simulator, settings: AppSection = {}): AppSection {
  return {
    type: 'apns',
    keyfile: files.apnsKey,
    key_id: apns.keyId,
    team_id: apns.teamId,
    topic: apns.topic,
    url: apnsUrl,
    ca_file: files.ca,
    ...settings,
  };
}

/** The section of an app whose Google is the simulator. */
export function fcmApp({ fcmUrl, tokenUrl, projectId, files }: Simulator, settings: AppSection = {}): AppSection {
  return {
    type: 'fcm',
    project_id: projectId,
    service_account_file: files.serviceAccount,
    url: fcmUrl,
    token_url: tokenUrl,
    ca_file: files.ca,
    ...settings,
  };
}
