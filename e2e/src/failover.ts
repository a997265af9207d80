import type { NotifyAnswer } from './notify-client';
import type { Relay } from './start-relay';
import { until } from './wait';

/** A failover on a busy machine. Milliseconds. */
const FAILOVER_MS = 60_000;

/** As a homeserver does: the same event again until the answer is 200. */
export function notifyUntilAccepted(relay: Relay, event: unknown, ingress = 0): Promise<NotifyAnswer> {
  return until(
    async () => {
      const answer = await relay.notify(event, ingress);
      return answer.status === 200 && answer;
    },
    'an answer 200',
    FAILOVER_MS,
  );
}

/** Whether every process says that it can work. */
export async function ready(relay: Relay): Promise<boolean> {
  const processes = [...relay.ingresses, ...relay.dispatchers, ...(relay.admin ? [relay.admin] : [])];
  const answers = await Promise.all(processes.map(({ urls }) => fetch(`${urls.metrics}/ready`, { signal: AbortSignal.timeout(10_000) })));
  return answers.every(({ status }) => status === 200);
}

export async function expectReady(relay: Relay): Promise<void> {
  await until(() => ready(relay), 'every process ready', FAILOVER_MS);
}
