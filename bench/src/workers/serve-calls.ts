/**
 * The worker's end of the IPC channel: says that it is ready, then answers each message of the benchmark with what
 * `answer` makes of it. Ends with the benchmark, and at once: there is nothing to save.
 */
export function serveCalls(facts: object, answer: (request: unknown) => unknown): void {
  process.on('message', (request) => {
    void Promise.resolve(answer(request)).then((value) => process.send?.({ type: 'result', value: value ?? null }));
  });
  process.on('disconnect', () => process.exit());
  process.on('SIGTERM', () => process.exit());
  process.send?.({ ...facts, type: 'ready' });
}
