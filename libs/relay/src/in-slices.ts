/** Devices that are worked on in one turn of the event loop: some milliseconds. A homeserver names one, a stranger up to 1000. */
const SLICE = 50;

/** `items.map(work)`, with a pause after each slice, in which other requests have their turn. */
export async function inSlices<T, R>(items: readonly T[], work: (item: T) => R, nextTurn: () => Promise<void>): Promise<R[]> {
  if (items.length <= SLICE) return items.map(work);
  const results: R[] = [];
  for (let start = 0; start < items.length; start += SLICE) {
    if (start > 0) await nextTurn();
    results.push(...items.slice(start, start + SLICE).map(work));
  }
  return results;
}
