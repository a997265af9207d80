import { stringify } from 'yaml';

import type { DemoPorts } from './demo-ports';
import type { SimulatorFacts } from './ready-message';

/** The app ids of the demonstration, as a homeserver names them. */
export const DEMO_IOS_APP = 'com.example.ios';
export const DEMO_ANDROID_APP = 'com.example.android';

/** A configuration as an operator would write it, with the simulator in the place of Apple and Google. */
export function demoConfiguration(simulator: SimulatorFacts, { ports }: DemoPorts, dataDirectory: string): string {
  return stringify({
    http: { port: ports.ingress },
    admin: { port: ports.admin },
    metrics: { ports: { ingress: ports.ingressMetrics, dispatcher: ports.dispatcherMetrics, admin: ports.adminMetrics } },
    redis: { data_directory: dataDirectory },
    apps: {
      [DEMO_IOS_APP]: {
        type: 'apns',
        keyfile: simulator.files.apnsKey,
        key_id: simulator.apns.keyId,
        team_id: simulator.apns.teamId,
        topic: simulator.apns.topic,
        url: simulator.apnsUrl,
        ca_file: simulator.files.ca,
      },
      [DEMO_ANDROID_APP]: {
        type: 'fcm',
        project_id: simulator.projectId,
        service_account_file: simulator.files.serviceAccount,
        url: simulator.fcmUrl,
        token_url: simulator.tokenUrl,
        ca_file: simulator.files.ca,
      },
    },
  });
}
