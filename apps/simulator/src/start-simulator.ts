import { type AccessTokens, makeAccessTokens } from './access-tokens';
import { type AnswerDeps, answerRequests } from './answer-requests';
import { makeApnsService } from './apns-service';
import { CommandBook } from './command-book';
import { startControlServer } from './control-server';
import { type Credentials, makeCredentials } from './credentials';
import { makeFcmService } from './fcm-service';
import { writeKeyFiles } from './key-files';
import { LOOPBACK } from './listen';
import { makeProviderTokenCheck } from './provider-token';
import { makeQuota, type SimulatedQuota } from './quota';
import { ReceivedLog } from './received-log';
import type { Simulator, SimulatorOptions } from './simulator';
import { makeTokenService, TOKEN_PATH } from './token-service';
import type { Service } from './wire';
import { WireServer } from './wire-server';

/** About 10 MB of usual pushes. */
const DEFAULT_RECORD_LIMIT = 10_000;
/** What Apple and Google have been seen to grant; only the peer's SETTINGS count. */
const APNS_MAX_CONCURRENT_STREAMS = 1000;
const FCM_MAX_CONCURRENT_STREAMS = 100;
const DEFAULT_WAIT_MS = 5000;
/** Apple's team and key ids have ten characters. */
const DEFAULT_TEAM_ID = 'SIMTEAM001';
const DEFAULT_KEY_ID = 'SIMKEY0001';
const DEFAULT_TOPIC = 'com.example.simulated';
const DEFAULT_PROJECT_ID = 'simulated-project';

type Closer = () => Promise<void>;

interface Identity {
  readonly teamId: string;
  readonly keyId: string;
  readonly topic: string;
  readonly projectId: string;
  readonly clientEmail: string;
}

interface State {
  accepted: number;
  refused: number;
  latencyMs: number;
  readonly commands: CommandBook;
  readonly received: ReceivedLog;
  readonly accessTokens: AccessTokens;
  readonly quota: SimulatedQuota;
  readonly now: () => number;
}

interface Servers {
  readonly apns: WireServer;
  readonly fcm: WireServer;
  readonly token: WireServer;
}

/**
 * Starts APNs, FCM, the token endpoint and the control server on 127.0.0.1, with throw-away keys.
 *
 * @throws when a port is taken or the directory cannot be written; nothing stays open then.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const closers: Closer[] = [];
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= closeAll(closers));
  try {
    return await assemble(options, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function closeAll(closers: readonly Closer[]): Promise<void> {
  await Promise.all(closers.map((closer) => closer()));
}

async function assemble(options: SimulatorOptions, closers: Closer[], close: Closer): Promise<Simulator> {
  const identity = identityOf(options);
  const credentials = await makeCredentials(identity.topic);
  const state = newState(options);
  closers.push(() => Promise.resolve(state.received.close()));
  const servers = await startServers(makeServices(options, { identity, credentials, state }), {
    options,
    credentials,
    state,
    closers,
  });
  const tokenUrl = `${urlOf(servers.token)}${TOKEN_PATH}`;
  const keys = await writeKeyFiles(credentials, { ...identity, tokenUrl }, options.directory);
  closers.push(keys.remove);
  const controls = controlsOf(state, servers);
  const control = await startControlServer(controls, options.controlPort ?? 0);
  closers.push(control.close);
  return {
    ...controls,
    apnsUrl: urlOf(servers.apns),
    fcmUrl: urlOf(servers.fcm),
    tokenUrl,
    controlUrl: `http://${LOOPBACK}:${control.port}`,
    files: keys.files,
    apns: { teamId: identity.teamId, keyId: identity.keyId, topic: identity.topic },
    projectId: identity.projectId,
    caPem: credentials.ca,
    close,
  };
}

function identityOf(options: SimulatorOptions): Identity {
  const projectId = options.projectId ?? DEFAULT_PROJECT_ID;
  return {
    teamId: options.teamId ?? DEFAULT_TEAM_ID,
    keyId: options.keyId ?? DEFAULT_KEY_ID,
    topic: options.topics?.[0] ?? DEFAULT_TOPIC,
    projectId,
    clientEmail: `reveille@${projectId}.iam.gserviceaccount.com`,
  };
}

function newState({
  record = true,
  recordLimit = DEFAULT_RECORD_LIMIT,
  latencyMs = 0,
  quota: quotaSettings,
  now = Date.now,
}: SimulatorOptions): State {
  const quota = makeQuota(now);
  quota.set(quotaSettings);
  return {
    accepted: 0,
    refused: 0,
    latencyMs,
    commands: new CommandBook(),
    received: new ReceivedLog(record ? recordLimit : 0),
    accessTokens: makeAccessTokens(now),
    quota,
    now,
  };
}

function makeServices(
  { topics, verifyTokens = true }: SimulatorOptions,
  { identity, credentials, state }: { identity: Identity; credentials: Credentials; state: State },
): Record<keyof Servers, Service> {
  const { now, accessTokens, quota } = state;
  const { teamId, keyId, projectId, clientEmail } = identity;
  const checkProviderToken = makeProviderTokenCheck({ publicKey: credentials.apns.publicKey, teamId, keyId, now });
  return {
    apns: makeApnsService({
      topics: topics && new Set(topics),
      checkProviderToken: verifyTokens ? checkProviderToken : undefined,
      now,
    }),
    fcm: makeFcmService({ projectId, acceptsAccessToken: verifyTokens ? accessTokens.accepts : undefined, quota, now }),
    token: makeTokenService({ publicKey: credentials.serviceAccount.publicKey, clientEmail, accessTokens, now }),
  };
}

async function startServers(
  services: Record<keyof Servers, Service>,
  how: { options: SimulatorOptions; credentials: Credentials; state: State; closers: Closer[] },
): Promise<Servers> {
  const { options, credentials, state, closers } = how;
  const { commands, received, now } = state;
  const tls = { certificate: credentials.server.certificate, key: credentials.server.key, ca: credentials.ca };
  const pushDeps: AnswerDeps = {
    commands,
    received,
    answered: (status) => {
      if (status === 200) state.accepted += 1;
      else state.refused += 1;
    },
    latencyMs: () => state.latencyMs,
    now,
  };
  const google = { ...tls, allowHttp1: true, maxConcurrentStreams: FCM_MAX_CONCURRENT_STREAMS };
  const start = async (wire: Parameters<typeof WireServer.start>[0], service: Service, deps: AnswerDeps) => {
    const server = await WireServer.start(wire, answerRequests(service, deps));
    closers.push(() => server.close());
    return server;
  };
  return {
    apns: await start(
      { ...tls, port: options.apnsPort ?? 0, allowHttp1: false, maxConcurrentStreams: APNS_MAX_CONCURRENT_STREAMS },
      services.apns,
      pushDeps,
    ),
    fcm: await start({ ...google, port: options.fcmPort ?? 0 }, services.fcm, pushDeps),
    token: await start({ ...google, port: options.tokenPort ?? 0 }, services.token, {
      commands,
      latencyMs: () => 0,
      now,
    }),
  };
}

/** What can be asked and commanded while it runs. */
function controlsOf(state: State, { apns, fcm }: Servers) {
  const push = [apns, fcm];
  const { commands, received, accessTokens } = state;
  return {
    command: (command) => commands.add(command),
    clearCommands: () => commands.clear(),
    received: (filter) => received.list(filter),
    waitForReceived: (count, filter = {}, timeoutMs = DEFAULT_WAIT_MS) => received.waitFor(count, filter, timeoutMs),
    clearReceived: () => received.clear(),
    stats: () => ({
      accepted: state.accepted,
      refused: state.refused,
      sessions: apns.sessions + fcm.sessions,
      maxConcurrentStreamsSeen: Math.max(apns.maxConcurrentStreamsSeen, fcm.maxConcurrentStreamsSeen),
      accessTokensIssued: accessTokens.issued(),
      quotaWindows: state.quota.windows(),
    }),
    goaway: () => push.forEach((server) => server.goaway()),
    destroySessions: () => push.forEach((server) => server.destroyConnections()),
    setMaxConcurrentStreams: (n) => push.forEach((server) => server.setMaxConcurrentStreams(n)),
    setQuota: (quota) => state.quota.set(quota),
    setLatency: (ms) => {
      state.latencyMs = ms;
    },
  } satisfies Partial<Simulator>;
}

function urlOf(server: WireServer): string {
  return `https://${LOOPBACK}:${server.port}`;
}
