import { nothing } from '@reveille/admin-api';
import { TooManyToSearch } from '@reveille/queue';

import { defineRoute, type KnownCaller } from './route';

const CALLER: KnownCaller = {
  identity: { name: 'alice', role: 'viewer', via: 'password' },
  surroundings: { address: '127.0.0.1', isFromProxy: false, isNameOurs: true, isSecure: false, hosts: ['localhost'] },
};
const routeThat = (fails: () => never) =>
  defineRoute({ method: 'GET', path: '/x', right: 'viewer', summary: 'x', answers: { 200: nothing }, run: () => Promise.resolve().then(fails) });

it('answers that there are too many to search, which is no fault of Redis', async () => {
  const route = routeThat(() => {
    throw new TooManyToSearch();
  });
  const answer = await route.handle({ params: {}, query: {}, body: {} }, CALLER);
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 'bad_request', message: new TooManyToSearch().message } } });
});
