import { readLedger, readServedApps } from '@reveille/queue';

import { EXIT_FAILED, UsageError } from './command';
import type { CommandContext } from './command';
import { findApp } from './find-app';
import { closes, ledgerBlock, totalOf } from './ledger-report';
import type { LedgerEntry } from './ledger-report';
import { parseRelayArguments } from './relay-flags';
import { parseSince } from './since';
import { withRelayRedis } from './with-relay-redis';
import type { RelayRedis } from './with-relay-redis';

const HOUR_MS = 3_600_000;
/** Counts by the hour vanish after this many days (docs/adr/0015-ledger.md); those of all time stay. */
const KEPT_DAYS = 35;

/** Prints the books of all apps, or of one; exit code 0 when they close, 1 when not (or without Redis), 2 for wrong use. */
export function runLedger(args: readonly string[], context: CommandContext): Promise<number> {
  const { words, values, ...flags } = parseRelayArguments(args, ['app', 'since']);
  if (words.length > 0) throw new UsageError(`one app: --app ${words[0]}`);
  const since = values.since === undefined ? undefined : sinceOf(values.since, Date.now());
  return withRelayRedis(flags, context, async (relay) => {
    const apps = await appsToRead(relay, values.app);
    if (!apps.ok) {
      context.complain(`reveille: ${apps.message}\n`);
      return EXIT_FAILED;
    }
    const { redis, prefix } = relay;
    const now = relay.now();
    const entries = await Promise.all(
      apps.keys.map(async (app): Promise<LedgerEntry> => ({
        app,
        balance: await readLedger({ redis, prefix, appKey: app, now, ...(since !== undefined && { since }) }),
      })),
    );
    context.print(flags.json ? asJson(entries, since) : asText(entries, since));
    return closes(entries) ? 0 : EXIT_FAILED;
  });
}

function sinceOf(text: string, now: number): number {
  const since = parseSince(text, now);
  if (since >= now - KEPT_DAYS * 24 * HOUR_MS) return since;
  throw new UsageError(`--since goes back ${KEPT_DAYS} days at most; without it the ledger counts from the beginning`);
}

type AppsToRead = { readonly ok: true; readonly keys: readonly string[] } | { readonly ok: false; readonly message: string };

/** Also what was served before: pushes of an app that has left the configuration still have to be accounted for. */
async function appsToRead({ redis, prefix, apps }: RelayRedis, name: string | undefined): Promise<AppsToRead> {
  const served = (await readServedApps({ redis, prefix })).map(({ appKey }) => appKey);
  const former = served.filter((app) => !apps.includes(app)).toSorted();
  if (name === undefined) return { ok: true, keys: [...apps, ...former] };
  if (former.includes(name)) return { ok: true, keys: [name] };
  const found = findApp(name, apps);
  return found.ok ? { ok: true, keys: [found.key] } : found;
}

function asText(entries: readonly LedgerEntry[], since: number | undefined): string {
  const from = since === undefined ? undefined : Math.floor(since / HOUR_MS) * HOUR_MS;
  const all = { app: `all ${entries.length} apps`, balance: totalOf(entries.map(({ balance }) => balance)) };
  return [...entries, ...(entries.length > 1 ? [all] : [])].map((entry) => ledgerBlock(entry, from)).join('\n');
}

function asJson(entries: readonly LedgerEntry[], since: number | undefined): string {
  const balances = entries.map(({ balance }) => balance);
  const apps = Object.fromEntries(entries.map(({ app, balance }) => [app, balance]));
  return `${JSON.stringify({ since: since ?? null, closes: closes(entries), apps, total: totalOf(balances) })}\n`;
}
