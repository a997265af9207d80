import { isNativeError } from 'node:util/types';

/**
 * What a failed Redis call may say in a log: the error's code (`OOM`, `READONLY`, `LOADING`, `ECONNREFUSED`, ...) or its
 * class. Its text and its `command` can hold arguments, and those hold pushkeys.
 */
export function describeRedisFailure(error: unknown): string {
  if (!isNativeError(error)) return 'unknown failure';
  if ('code' in error && typeof error.code === 'string') return error.code;
  // Of a Cluster: what its last node said.
  if ('lastNodeError' in error && error.lastNodeError) return describeRedisFailure(error.lastNodeError);
  const replyCode = REPLY_CODE.exec(error.message)?.[1];
  return replyCode ?? (NOT_CONNECTED.test(error.message) ? 'not connected' : error.name);
}

/** Redis' own error codes begin its answers; ioredis quotes one after it has followed too many redirections. */
const REPLY_CODE = /(?:^-?|Last error: \w*Error: )([A-Z][A-Z0-9]+)\b/;
/** ioredis has no codes for these. */
const NOT_CONNECTED = /writeable|Connection is closed|Cluster isn't ready|None of startup nodes|sentinels are unreachable|Socket timeout/;
