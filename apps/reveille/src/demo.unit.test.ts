import { execFileSync } from 'node:child_process';

import { parse } from 'yaml';

import { demoBanner, demoCurl } from './demo-banner';
import type { DemoBannerOptions } from './demo-banner';
import { demoConfiguration } from './demo-configuration';
import type { DemoPorts } from './demo-ports';
import type { SimulatorFacts } from './ready-message';

const simulator: SimulatorFacts = {
  apnsUrl: 'https://127.0.0.1:11',
  fcmUrl: 'https://127.0.0.1:12',
  tokenUrl: 'https://127.0.0.1:13/token',
  controlUrl: 'http://127.0.0.1:10/',
  files: { ca: '/k/ca.crt', apnsKey: '/k/key.p8', serviceAccount: '/k/sa.json' },
  apns: { teamId: 'TEAM', keyId: 'KEY', topic: 'com.example.app' },
  projectId: 'simulated-project',
};
const banner: DemoBannerOptions = {
  relay: {
    ok: true,
    urls: {
      ingress: { http: 'http://127.0.0.1:5000/', metrics: 'http://127.0.0.1:5002' },
      dispatcher: { metrics: 'http://127.0.0.1:5003' },
      admin: { http: 'http://127.0.0.1:5001', metrics: 'http://127.0.0.1:5004' },
    },
    adminLogin: { name: 'admin', password: 'k7fq-m2xp-aaaa-bbbb-cccc' },
    embeddedRedis: { port: '6400', dataDirectory: '/data' },
  },
  simulator,
  configFile: '/k/reveille.yaml',
  livePushkey: 'bGl2ZQ==',
  deadPushkey: 'ZGVhZA==',
  takenPorts: [5000],
};

describe('the demonstration', () => {
  it('has a command to paste that any shell turns into a request, with a new event each time', () => {
    const bodies = [0, 1].map(() => pasted(demoCurl(banner)));
    for (const { url, body } of bodies) {
      expect(url).toBe('http://127.0.0.1:5000/_matrix/push/v1/notify');
      expect(body.notification.devices.map(({ pushkey }) => pushkey)).toEqual(['bGl2ZQ==', 'an-android-device', 'ZGVhZA==']);
    }
    const [first, second] = bodies.map(({ body }) => body.notification.event_id);
    expect(first).toMatch(/^\$\d+-\d+-[0-9a-f]{8}$/);
    expect(second).not.toBe(first);
  });

  it('says where everything listens', () => {
    const text = demoBanner(banner);
    for (const url of ['http://127.0.0.1:5000/_matrix/push/v1/notify', 'ingress http://127.0.0.1:5002', 'http://127.0.0.1:10/received', 'https://127.0.0.1:13/token', '127.0.0.1:6400, data in /data', '5000.\n', 'http://127.0.0.1:5001\n', 'sign in as admin with k7fq-m2xp-aaaa-bbbb-cccc (', 'npx reveille ledger --config /k/reveille.yaml\n']) {
      expect(text).toContain(url);
    }
  });

  it('writes a configuration as an operator would', () => {
    const ports = { ingress: 1, admin: 2, ingressMetrics: 3, dispatcherMetrics: 4, adminMetrics: 5 } as DemoPorts['ports']; // those it reads
    expect(parse(demoConfiguration(simulator, { ports, taken: [] }, '/data'))).toMatchObject({
      http: { port: 1 },
      metrics: { ports: { ingress: 3, dispatcher: 4, admin: 5 } },
      redis: { data_directory: '/data' },
      apps: {
        'com.example.ios': { type: 'apns', keyfile: '/k/key.p8', url: 'https://127.0.0.1:11', ca_file: '/k/ca.crt' },
        'com.example.android': { type: 'fcm', project_id: 'simulated-project', url: 'https://127.0.0.1:12' },
      },
    });
  });
});

interface PastedRequest {
  readonly url: string;
  readonly body: { readonly notification: { readonly event_id: string; readonly devices: readonly { readonly pushkey: string }[] } };
}

/** What curl would get from `sh`: its arguments, told by a function of that name. */
function pasted(line: string): PastedRequest {
  const output = execFileSync('/bin/sh', ['-c', `curl() { for word in "$@"; do printf '%s\\n' "$word"; done; }\n${line}`], { encoding: 'utf8' });
  const words = output.trimEnd().split('\n');
  // The shape is what demoCurl makes; a wrong one fails the expectations.
  return { url: words[1] ?? '', body: JSON.parse(words.at(-1) ?? '') as PastedRequest['body'] };
}
