import type { ConfigProblem, Environment } from '@reveille/config';

/**
 * Node's own switch that believes every certificate. We set the check explicitly where we connect ourselves, but Google's library
 * does not: a role does not start with it.
 */
export function refusedByEnvironment(environment: Environment): readonly ConfigProblem[] {
  if (environment.NODE_TLS_REJECT_UNAUTHORIZED !== '0') return [];
  return [
    {
      path: '',
      variable: 'NODE_TLS_REJECT_UNAUTHORIZED',
      found: '0',
      message: 'switches off the check of certificates: unset it, and name the authority in `ca_file` (of an app, of `redis`)',
    },
  ];
}

/** The command line stands in the process list, for every user of the host to read. */
export function argumentWarnings(redisUrl: string | undefined): readonly ConfigProblem[] {
  const hasPassword = redisUrl !== undefined && URL.canParse(redisUrl) && new URL(redisUrl).password !== '';
  if (!hasPassword) return [];
  const message = 'shows its password in the process list: give the URL as REDIS_URL or `redis.url_file`';
  return [{ path: '--redis-url', found: '(hidden)', message }];
}
