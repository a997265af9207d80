import { z } from 'zod';
import type { RedisClient } from './connect-redis';
import { parseJson } from './parse-json';

/** Who acts: a person at the page, a program with a token, or whoever has a shell on a host of the relay. */
export interface Actor {
  readonly name: string;
  readonly role: 'viewer' | 'operator';
  readonly via: 'password' | 'token' | 'header' | 'cli';
}

/** What is about to be done. Names no pushkey and no content: the page shows it. */
export interface AuditedAction {
  /** `app.pause`, `replay.start` and the like. */
  readonly action: string;
  /** Key of the app in the configuration. */
  readonly app?: string | undefined;
  /** On how many pushes or verdicts, as known before. */
  readonly count?: number | undefined;
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}

const entrySchema = z.object({
  actor: z.string(),
  role: z.string(),
  via: z.string(),
  action: z.string(),
  app: z.string().exactOptional(),
  count: z.coerce.number().int().exactOptional(),
  detail: z
    .string()
    .transform((text) => detailSchema.parse(parseJson(text)))
    .exactOptional(),
});
const detailSchema = z.record(z.string(), z.unknown()).catch({});

/** A line of the audit. */
export interface AuditEntry extends z.output<typeof entrySchema> {
  /** Of the stream; the younger the greater. */
  readonly id: string;
  /** Milliseconds since the epoch, by Redis' clock. */
  readonly at: number;
}

export interface AuditPage {
  /** Newest first. */
  readonly entries: readonly AuditEntry[];
  /** The cursor of the next page; null: this was the last. */
  readonly next: string | null;
}

/** Who did what, when, on how many: a stream on Redis that is only ever added to, and the log beside it. */
export interface Audit {
  /** Writes an entry. Rejects when Redis did not take it: then the action must not be done. Resolves with its id. */
  write(actor: Actor, action: AuditedAction): Promise<string>;
  /**
   * Writes an entry, then acts: nothing is done that the audit does not have. An action that fails has a second entry that
   * says so (`detail.of` is the first one's id).
   */
  audited<Value>(actor: Actor, action: AuditedAction, act: () => Promise<Value>): Promise<Value>;
  /** `cursor`: a `next`; `auditCursorSchema` says whether it is one. Rejects when Redis does. */
  list(page: { readonly cursor?: string | undefined; readonly limit: number }): Promise<AuditPage>;
}

export interface AuditOptions {
  readonly redis: RedisClient;
  readonly prefix: string;
  /** For the line in the log; what it gets has no pushkey in it. */
  readonly onEntry?: (entry: AuditedAction & { readonly actor: Actor; readonly id: string }) => void;
}

/** Entries that are kept, about. */
const MAX_ENTRIES = 10_000;
/** What a page may ask for: entries before this one. */
export const auditCursorSchema = z
  .string()
  // Before the very first there is nothing that Redis would look for.
  .regex(/^(?!0+-0+$)\d{1,16}-\d{1,16}$/, 'is no cursor of this list');

export function createAudit({ redis, prefix, onEntry }: AuditOptions): Audit {
  const key = `${prefix}:admin:audit`;

  const write: Audit['write'] = async (actor, action) => {
    const { app, count, detail } = action;
    const fields = ['actor', actor.name, 'role', actor.role, 'via', actor.via, 'action', action.action];
    if (app !== undefined) fields.push('app', app);
    if (count !== undefined) fields.push('count', String(count));
    if (detail !== undefined) fields.push('detail', JSON.stringify(detail));
    const id = await redis.xadd(key, 'MAXLEN', '~', MAX_ENTRIES, '*', ...fields);
    if (id === null) throw new Error('The audit was not written');
    onEntry?.({ ...action, actor, id });
    return id;
  };

  return {
    write,
    async audited(actor, action, act) {
      const id = await write(actor, action);
      try {
        return await act();
      } catch (error) {
        // The same fault may keep this from being written too; whoever asked hears of the first one.
        await write(actor, { ...action, detail: { of: id, failed: true } }).catch(() => undefined);
        throw error;
      }
    },
    async list({ cursor, limit }) {
      const found = await redis.xrevrange(key, cursor === undefined ? '+' : `(${cursor}`, '-', 'COUNT', limit + 1);
      const page = found.slice(0, limit);
      const last = page.at(-1);
      return { entries: page.flatMap(toEntry), next: found.length > limit && last ? last[0] : null };
    },
  };
}

function toEntry([id, fields]: [id: string, fields: string[]]): AuditEntry[] {
  const pairs = Array.from({ length: fields.length / 2 }, (_, index) => [fields[2 * index], fields[2 * index + 1]]);
  const parsed = entrySchema.safeParse(Object.fromEntries(pairs));
  // What is not ours is left out.
  return parsed.success ? [{ ...parsed.data, id, at: Number(id.split('-')[0]) }] : [];
}
