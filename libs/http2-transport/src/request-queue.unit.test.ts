import fc from 'fast-check';
import { PendingRequest } from './pending-request';
import { RequestQueue } from './request-queue';

function pendingRequest(): PendingRequest {
  return new PendingRequest({ method: 'GET', path: '/', headers: {}, body: '', timeoutMs: 1 }, () => undefined);
}

describe('RequestQueue', () => {
  test('behaves like an array for every sequence of operations', () => {
    const operation = fc.oneof(fc.constantFrom('push', 'unshift', 'shift'), fc.record({ remove: fc.nat(20) }));
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const queue = new RequestQueue();
        const model: PendingRequest[] = [];
        const all: PendingRequest[] = [];
        for (const step of operations) {
          if (typeof step === 'object') {
            const chosen = all[step.remove % Math.max(1, all.length)];
            if (!chosen) continue;
            queue.remove(chosen);
            if (model.includes(chosen)) model.splice(model.indexOf(chosen), 1);
          } else if (step === 'shift') {
            expect(queue.shift()).toBe(model.shift());
          } else {
            const added = pendingRequest();
            all.push(added);
            queue[step](added);
            model[step](added);
          }
          expect(queue.size).toBe(model.length);
          expect(all.filter((pending) => pending.isQueued)).toEqual(all.filter((pending) => model.includes(pending)));
        }
        while (model.length > 0) expect(queue.shift()).toBe(model.shift());
        expect(queue.shift()).toBeUndefined();
      }),
    );
  });
});
