import { DEMO_ANDROID_APP, DEMO_IOS_APP } from './demo-configuration';
import type { SimulatorFacts } from './ready-message';
import { describeRelay, firstUrl } from './serve-command';
import type { StartedRelay } from './start-relay';

export interface DemoBannerOptions {
  readonly relay: StartedRelay;
  readonly simulator: SimulatorFacts;
  readonly configFile: string;
  /** Pushkeys as an app sends them; the simulator says that the second one is dead. */
  readonly livePushkey: string;
  readonly deadPushkey: string;
  readonly takenPorts: readonly number[];
}

/** What a newcomer sees: where everything listens, and what to paste. */
export function demoBanner(options: DemoBannerOptions): string {
  const { relay, simulator, takenPorts } = options;
  const control = simulator.controlUrl.replace(/\/$/, '');
  return [
    '',
    'Reveille is running, with simulated push services and keys made for this run.',
    ...(takenPorts.length > 0 ? [`Taken by others, so free ports were chosen instead: ${takenPorts.join(', ')}.`] : []),
    '',
    describeRelay(relay),
    `  simulator  ${control} (APNs ${simulator.apnsUrl}, FCM ${simulator.fcmUrl}, tokens ${simulator.tokenUrl})`,
    `  settings   ${options.configFile}`,
    '',
    'A push to an iPhone, an Android phone and an iPhone that has deleted the app. Paste it, then once more:',
    '',
    demoCurl(options),
    '',
    'The first answer is {"rejected":[]}, since nobody has asked Apple yet; the second names the dead pushkey.',
    'What has arrived at the push services:',
    '',
    `curl -s ${control}/received`,
    '',
    `What became of every push: npx reveille ledger --config ${options.configFile}`,
    '',
    'Failed pushes, replays, and why a device got nothing are on the page of the admin. Open it and sign in as above:',
    '',
    firstUrl(relay.urls.admin.http),
    '',
    'Ctrl-C ends all of it.',
    '',
    '',
  ].join('\n');
}

/** One line for any POSIX shell; the event id is new each time it is pasted (a repeated one would not be pushed twice). */
export function demoCurl({ relay, livePushkey, deadPushkey }: DemoBannerOptions): string {
  const devices = [
    { app_id: DEMO_IOS_APP, pushkey: livePushkey },
    { app_id: DEMO_ANDROID_APP, pushkey: 'an-android-device' },
    { app_id: DEMO_IOS_APP, pushkey: deadPushkey },
  ];
  const request = { notification: { event_id: 'EVENT', room_id: '!kitchen:example.org', counts: { unread: 1 }, devices } };
  const body = JSON.stringify(request).replace('EVENT', () => `$'"$(date +%s)-$$-$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')"'`);
  return `curl -s ${firstUrl(relay.urls.ingress.http)}/_matrix/push/v1/notify -H 'Content-Type: application/json' -d '${body}'`;
}
