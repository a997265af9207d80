import type { Admission, AdmissionVerdict, EnqueueResult } from '@reveille/relay';
import fc from 'fast-check';
import { limitAdmissions } from './limit-admissions';
import { createQueueShare } from './queue-share';

/** Numbers from 0 to 1 that are the same in every run (Lehmer's generator, with the constants of MINSTD). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** What a request asks for: one push for each device. */
function admissionsFor(devices: number, apps: number): Admission[] {
  return Array.from({ length: devices }, (_, index): Admission => {
    const dispatch = {
      id: String(index),
      kind: 'event',
      acceptedAt: 0,
      deadline: 1,
      deviceHash: String(index),
      device: { appId: 'a', pushkey: String(index), defaultPayload: { kind: 'absent' } },
      notification: { userIsTarget: false, priority: 'high', counts: {} },
    } as const;
    return { appKey: `app${index % apps}`, dispatch };
  });
}

/** A queue that knows what it has taken, as the real one does. */
function createQueue() {
  const taken = new Set<string>();
  return (admissions: readonly Admission[]): Promise<EnqueueResult> => {
    const verdicts = admissions.map(({ dispatch }): AdmissionVerdict => (taken.has(dispatch.id) ? 'duplicate' : 'accepted'));
    for (const { dispatch } of admissions) taken.add(dispatch.id);
    return Promise.resolve({ ok: true, verdicts });
  };
}

/** Of a homeserver that repeats a refused request after 1, 2, 4 ... s, at most every minute: far fewer than a day has. */
const MAX_TRIES = 60;
const LONGEST_WAIT_MS = 60_000;
const STEP_MS = 100;

it('a request with many devices gets in as a whole while the queue fills up, after some repeats', async () => {
  const scenario = fc.record({
    devices: fc.constantFrom(5, 20, 100),
    apps: fc.constantFrom(1, 2),
    fill: fc.double({ min: 0.6, max: 0.9, noNaN: true }),
    seed: fc.integer({ min: 1, max: 2_147_483_646 }),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ devices, apps, fill, seed }) => {
      let clock = 0;
      const share = createQueueShare({ now: () => clock, random: seeded(seed) });
      const appKeys = Array.from({ length: apps }, (_, index) => `app${index}`);
      /** The others go on sending, 50 pushes a second to each app, and the queues stay as full as they are. */
      const pass = (ms: number): void => {
        for (const end = clock + ms; clock < end; clock += STEP_MS) {
          for (const appKey of appKeys) {
            share.onFill(appKey, fill);
            share.mayEnter(appKey, 'others', 5);
          }
        }
      };
      const enqueue = limitAdmissions({
        enqueueDispatches: createQueue(),
        share,
        queueOf: (appKey) => appKey,
        pushkeyRate: undefined,
        retryAfterMs: () => 2000,
        metrics: { limited: () => undefined },
      });
      pass(30_000);
      for (let tries = 1, waitMs = 1000; ; tries++, waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
        const result = await enqueue('homeserver')(admissionsFor(devices, apps));
        if (!result.ok || !result.verdicts.includes('limited')) return result.ok;
        if (tries === MAX_TRIES) return false;
        pass(waitMs);
      }
    }),
    { numRuns: 40 },
  );
});

it('gives back what a push took of its limit that was not queued', async () => {
  const admissions = admissionsFor(4, 1);
  const run = async (result: EnqueueResult): Promise<string[]> => {
    const givenBack: string[] = [];
    const enqueue = limitAdmissions({
      enqueueDispatches: () => Promise.resolve(result),
      share: { isActive: () => false, mayEnter: () => true },
      queueOf: (appKey) => appKey,
      pushkeyRate: {
        take: (_appKey, deviceHash) => Promise.resolve(deviceHash === '2' ? 1000 : undefined),
        giveBack: (_appKey, deviceHash) => givenBack.push(deviceHash),
      },
      retryAfterMs: () => 2000,
      metrics: { limited: () => undefined },
    });
    await enqueue('homeserver')(admissions);
    return givenBack;
  };
  // The third had nothing left: it has taken nothing, and is not among the verdicts.
  expect(await run({ ok: true, verdicts: ['accepted', 'duplicate', 'queue-full'] })).toEqual(['1', '3']);
  expect(await run({ ok: true, verdicts: ['accepted', 'accepted', 'known-rejection'] })).toEqual(['3']);
  expect(await run({ ok: false, reason: 'unavailable', detail: 'away' })).toEqual(['0', '1', '3']);
});
