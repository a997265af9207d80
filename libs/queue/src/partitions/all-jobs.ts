import type { JobPlace, JobsView, JobView } from '../job-view';

/** The jobs of several queues, those of one after those of the other. */
export function allJobs(find: () => Promise<readonly JobsView[]>): JobsView {
  return {
    async counts() {
      const counts = await Promise.all((await find()).map((jobs) => jobs.counts()));
      const count = (place: JobPlace): number => counts.reduce((sum, each) => sum + each[place], 0);
      return { active: count('active'), waiting: count('waiting'), prioritized: count('prioritized'), delayed: count('delayed'), failed: count('failed') };
    },
    async list(places, first, last) {
      const all = await find();
      if (all.length === 1 && all[0]) return all[0].list(places, first, last);
      const found: JobView[] = [];
      let [skip, wanted] = [first, last - first + 1];
      for (const jobs of all) {
        const counts = await jobs.counts();
        const there = places.reduce((sum, place) => sum + counts[place], 0);
        const taken = Math.min(wanted, Math.max(0, there - skip));
        if (taken > 0) found.push(...(await jobs.list(places, skip, skip + taken - 1)));
        skip = Math.max(0, skip - there);
        wanted -= taken;
      }
      return found;
    },
    async find(id) {
      const found = await Promise.all((await find()).map((jobs) => jobs.find(id)));
      return found.find((job) => job !== undefined);
    },
    isPaused: async () => (await Promise.all((await find()).map((jobs) => jobs.isPaused()))).includes(true),
  };
}
