import { readQueueKeys } from '../partitions/known-partitions';
import { groupByCause } from './failed-cause';
import { comesBefore } from './failed-place';
import { createQueueFailed, type AppFailed, type AppFailedOptions } from './queue-failed';

/** The failed pushes of all queues of an app as if they were one, in the order in which they failed. `key`: that of the app. */
export function createAppFailed(options: AppFailedOptions): AppFailed {
  const inEach = async <Found>(look: (failed: AppFailed) => Promise<Found>): Promise<Found[]> => {
    const keys = await readQueueKeys(options, options.key);
    return Promise.all(keys.map((key) => look(createQueueFailed({ ...options, key }))));
  };
  return {
    count: async (filter) => (await inEach((failed) => failed.count(filter))).reduce((sum, count) => sum + count, 0),
    causes: async (filter) => groupByCause((await inEach((failed) => failed.causes(filter))).flat()),
    async newestFirst(filter, page) {
      const places = await inEach((failed) => failed.newestFirst(filter, page));
      return places.flat().sort((a, b) => (comesBefore(a, b) ? 1 : -1)).slice(0, page.limit);
    },
    async oldestFirst(filter, page) {
      const places = await inEach((failed) => failed.oldestFirst(filter, page));
      return places.flat().sort((a, b) => (comesBefore(a, b) ? -1 : 1)).slice(0, page.limit);
    },
    items: async (ids) => (await inEach((failed) => failed.items(ids))).flat(),
    show: async (id) => (await inEach((failed) => failed.show(id))).find((push) => push !== undefined),
  };
}
