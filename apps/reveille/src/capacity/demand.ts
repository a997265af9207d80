/** What is asked of the relay at its busiest. Everything else follows from it. */
export interface Demand {
  /** Pushes a second, of all apps together. */
  readonly rate: number;
  /** Of these, how many go to Google, from 0 to 1; the rest to Apple. */
  readonly fcmShare: number;
  /** Of each provider the apps share its part of the rate evenly. With pushes to both providers two at least. */
  readonly apps: number;
  /** Firebase projects that share Google's part evenly; Google's quota is for each. */
  readonly fcmProjects: number;
  /** From the call to a provider to its answer, in milliseconds. */
  readonly latencyMs: number;
  /** Pushkeys in all. */
  readonly devices: number;
  /** Of these, how many die within `rejections.ttl`, from 0 to 1. */
  readonly deadShare: number;
  /** How long providers may be away without a push being lost for want of memory, in milliseconds. */
  readonly outageMs: number;
}

/** How much room there is to be. */
export interface Margins {
  /** How busy a process may be at the asked rate, above 0 up to 1. */
  readonly utilisation: number;
  /** Processes of each role, and replicas of each master, beyond what the rate needs. */
  readonly spare: number;
  /** Memory of the machine of one Redis master, in bytes. */
  readonly masterBytes: number;
}

/** The settings that cost memory; see docs/configuration.md. */
export interface MemorySettings {
  readonly dedupeWindowMs: number;
  readonly explainPushes: number;
  readonly explainKeepMs: number;
  readonly deadLetters: number;
  readonly maxAgeMs: number;
}

export interface ProviderLoad {
  /** Pushes a second. */
  readonly rate: number;
  readonly apps: number;
}

export const PROVIDERS = ['apns', 'fcm'] as const;
export type ProviderName = (typeof PROVIDERS)[number];

/** How the rate and the apps fall on the providers. An app belongs to one provider: each that has pushes has one at least. */
export function providerLoads({ rate, fcmShare, apps }: Demand): Readonly<Record<ProviderName, ProviderLoad>> {
  const fcmApps = numberOfFcmApps(fcmShare, apps);
  return {
    fcm: { rate: rate * fcmShare, apps: fcmApps },
    apns: { rate: rate * (1 - fcmShare), apps: apps - fcmApps },
  };
}

function numberOfFcmApps(fcmShare: number, apps: number): number {
  if (fcmShare === 0) return 0;
  if (fcmShare === 1) return apps;
  return Math.min(apps - 1, Math.max(1, Math.round(apps * fcmShare)));
}
