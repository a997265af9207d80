import { Cluster } from 'ioredis';
import type { RedisClient } from './connect-redis';
import type { Script } from './script';

export interface ReplicaOptions {
  /** How many replicas must have what the script wrote; 0: none is waited for. */
  readonly replicas: number;
  /** For how long, in milliseconds. */
  readonly timeoutMs: number;
}

/** What was written is not (yet) on enough replicas: it must not be acknowledged. */
export class TooFewReplicasError extends Error {
  override readonly name = 'TooFewReplicasError';
  readonly code = 'TOO_FEW_REPLICAS';
}

/**
 * A wait stops everything behind it on its connection. Once replicas were missing the next ones get only so long, in
 * milliseconds, so that no line forms that outlasts the trouble. A replica that is in step answers in a millisecond.
 */
const SHORT_WAIT_MS = 50;

/**
 * Runs a script and then waits until replicas have what it wrote, in one round trip: a WAIT right behind it, on the same
 * connection and (of a Cluster) the same node, since WAIT speaks of the writes of its connection. It rejects with
 * TooFewReplicasError when they do not have it in time; the write stays, and a resend finds it as a duplicate.
 *
 * A resend over another connection waits for the first one's write too: WAIT looks at the place in the replication stream
 * that the last write of its connection reached, and an absorbed duplicate is such a write (the ledger counts it).
 */
export function replicatedScript(script: Script, { replicas, timeoutMs }: ReplicaOptions): Pick<Script, 'run'> {
  if (replicas === 0) return script;
  let isShort = false;

  const send = async (redis: RedisClient, command: Command): Promise<unknown> => {
    const replies = await write(redis, command).wait(replicas, isShort ? SHORT_WAIT_MS : timeoutMs).exec();
    const [[failure, written] = [], [waitFailure, reached] = []] = replies ?? [];
    if (failure) throw failure;
    if (waitFailure) throw waitFailure;
    isShort = Number(reached ?? 0) < replicas;
    if (isShort) throw new TooFewReplicasError(`${replicas} replicas were asked for`);
    return written;
  };

  return {
    async run(redis, key, args) {
      try {
        return await send(redis, { kind: 'hash', text: script.sha, key, args });
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        if (error.message.startsWith('NOSCRIPT')) return await send(redis, { kind: 'lua', text: script.lua, key, args });
        // ioredis follows a redirection of single commands only.
        if (!(redis instanceof Cluster) || !error.message.startsWith('MOVED')) throw error;
        await learnTopology(redis);
        return await send(redis, { kind: 'lua', text: script.lua, key, args });
      }
    },
  };
}

interface Command {
  readonly kind: 'hash' | 'lua';
  readonly text: string;
  readonly key: string;
  readonly args: readonly (string | number | Buffer)[];
}

function write(redis: RedisClient, { kind, text, key, args }: Command) {
  const pipeline = redis.pipeline();
  return kind === 'hash' ? pipeline.evalsha(text, 1, key, ...args) : pipeline.eval(text, 1, key, ...args);
}

function learnTopology(cluster: Cluster): Promise<void> {
  return new Promise((resolve) => cluster.refreshSlotsCache(() => resolve()));
}
