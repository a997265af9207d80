import type { SupervisedRole } from './supervised-role';

const LINE = /^reveille_dispatcher_retries_total\{[^}]*reason="([^"]*)"[^}]*\} (\S+)$/gm;

/** Why attempts were repeated, by reason, as the dispatchers that live now have counted it. */
export async function readRetries(dispatchers: readonly SupervisedRole[]): Promise<ReadonlyMap<string, number>> {
  const texts = await Promise.all(dispatchers.map((dispatcher) => dispatcher.metrics()));
  const counts = new Map<string, number>();
  for (const [, reason = '', count] of texts.join('\n').matchAll(LINE)) {
    if (Number(count) > 0) counts.set(reason, (counts.get(reason) ?? 0) + Number(count));
  }
  return counts;
}
