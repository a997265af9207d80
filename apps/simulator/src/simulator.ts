import type { SimulatorCommand } from './command';
import type { SimulatorFiles } from './key-files';
import type { QuotaSettings, QuotaWindow } from './quota';
import type { ReceivedFilter, ReceivedPush } from './received-log';

export interface SimulatorOptions {
  /** Ports on 127.0.0.1; 0, the default: any free one. */
  readonly apnsPort?: number;
  readonly fcmPort?: number;
  readonly tokenPort?: number;
  readonly controlPort?: number;
  /** Accepted `apns-topic`s; absent: any well-formed one. */
  readonly topics?: readonly string[];
  readonly projectId?: string;
  readonly teamId?: string;
  readonly keyId?: string;
  /** false: neither provider JWT nor access token is looked at (for a benchmark's raw client). Default true. */
  readonly verifyTokens?: boolean;
  /** Where the key files are written; absent: a fresh temporary directory, removed on close. */
  readonly directory?: string;
  /** Before every answer. Default 0. */
  readonly latencyMs?: number;
  /** Of FCM; absent: none. */
  readonly quota?: QuotaSettings;
  /** false: `received()` stays empty. Default true. */
  readonly record?: boolean;
  /** How many requests `received()` holds at most; the latest. Default 10,000. */
  readonly recordLimit?: number;
  /** Milliseconds since the epoch; for the age of tokens. */
  readonly now?: () => number;
}

export interface SimulatorStats {
  /** Pushes answered 200. */
  readonly accepted: number;
  /** Pushes answered anything else; one that got no answer is in neither. */
  readonly refused: number;
  /** HTTP/2 sessions of APNs and FCM open now. */
  readonly sessions: number;
  /** The most streams open at one time in one session. */
  readonly maxConcurrentStreamsSeen: number;
  readonly accessTokensIssued: number;
  /** What FCM took and refused in each window of its quota, since that was set. */
  readonly quotaWindows: readonly QuotaWindow[];
}

/** Stand-ins for APNs, FCM and Google's token endpoint that fail on command. */
export interface Simulator {
  /** `https://127.0.0.1:PORT`, valid as `https://localhost:PORT` too. */
  readonly apnsUrl: string;
  readonly fcmUrl: string;
  /** The OAuth token endpoint, with its path. */
  readonly tokenUrl: string;
  /** Plain HTTP. */
  readonly controlUrl: string;
  readonly files: SimulatorFiles;
  /** `topic`: the first accepted one. */
  readonly apns: { readonly teamId: string; readonly keyId: string; readonly topic: string };
  readonly projectId: string;
  readonly caPem: string;
  /** Answers otherwise than usual; a command for a pushkey wins over a global one. */
  command(command: SimulatorCommand): void;
  clearCommands(): void;
  /** Every request that arrived, answered how ever, in order. */
  received(filter?: ReceivedFilter): ReceivedPush[];
  /** Resolves once `count` have arrived; rejects after `timeoutMs` (default 5 s). */
  waitForReceived(count: number, filter?: ReceivedFilter, timeoutMs?: number): Promise<ReceivedPush[]>;
  clearReceived(): void;
  stats(): SimulatorStats;
  /** GOAWAY with last-stream-id on every APNs and FCM session; streams under way finish. */
  goaway(): void;
  /** Ends every APNs and FCM connection at once. */
  destroySessions(): void;
  /** SETTINGS to live APNs and FCM sessions and for new ones. */
  setMaxConcurrentStreams(n: number): void;
  setLatency(ms: number): void;
  /** Of FCM, from now on; undefined: none. What was used is forgotten. */
  setQuota(quota: QuotaSettings | undefined): void;
  /** Ends all connections, frees the ports, removes temporary files. */
  close(): Promise<void>;
}
