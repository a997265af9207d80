import { appKeyBase } from '@reveille/queue';

import { withRedis } from './with-redis';

/** A job in the failed set, as it lies on Redis. */
export interface FailedJob {
  readonly id: string;
  readonly failedReason: string;
  /** Every other field of the job but its data, where the pushkey is needed for a replay. */
  readonly rest: string;
}

/** The failed set of one app. */
export function failedJobs(redisUrl: string, appKey: string): Promise<FailedJob[]> {
  const base = appKeyBase('reveille', appKey);
  return withRedis(redisUrl, async (redis) => {
    const ids = await redis.zrange(`${base}failed`, '0', '-1');
    return Promise.all(
      ids.map(async (id) => {
        const { data: _data, failedReason = '', ...rest } = await redis.hgetall(`${base}${id}`);
        return { id, failedReason, rest: JSON.stringify(rest) };
      }),
    );
  });
}

/** The `failedReason`s of an app, parsed: ours are one line of JSON. */
export async function deadLetters(redisUrl: string, appKey: string): Promise<unknown[]> {
  const jobs = await failedJobs(redisUrl, appKey);
  return jobs.map(({ failedReason }): unknown => JSON.parse(failedReason));
}
