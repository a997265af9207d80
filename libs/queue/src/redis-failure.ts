/**
 * What a failed Redis call may say in a log: the error's code (`OOM`, `READONLY`, `LOADING`, `ECONNREFUSED`, ...) or its
 * class. Its text and its `command` can hold arguments, and those hold pushkeys.
 */
export function describeRedisFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown failure';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const replyCode = /^-?([A-Z][A-Z0-9]+)\b/.exec(error.message)?.[1];
  return code ?? replyCode ?? (error.message.includes('writeable') ? 'not connected' : error.name);
}
