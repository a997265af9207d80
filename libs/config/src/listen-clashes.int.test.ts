import { APP, configFolder } from './config-folder.fixture';

const { problemsOf, load } = configFolder();

function warningsOf(text: string, environment: Record<string, string> = {}) {
  const loaded = load(text, environment);
  return loaded.ok ? loaded.warnings : [];
}

test.each([
  ['http: { port: 5002 }', 'http.port', '5002', 'port: 5000'],
  ['http: { port: 80 }\nmetrics: { ports: { ingress: 80 } }', 'metrics.ports.ingress', '80', 'ingress: 5000'],
  ['admin: { port: 5004 }', 'admin.port', '5004', 'port: 5001'],
  ['http: { bind_addresses: ["0.0.0.0"], port: 5002 }', 'http.port', '5002', 'port: 5000'],
  ['http: { port: 5002 }\nmetrics: { bind_address: "::" }', 'http.port', '5002', 'port: 5000'],
  ['http: { port: 5002 }\nmetrics: { bind_address: localhost }', 'http.port', '5002', 'port: 5000'],
  ['http: { bind_addresses: "::1, 127.0.0.1", port: 5002 }', 'http.port', '5002', 'port: 5000'],
])('%j: one role wants a port twice', (text, path, found, example) => {
  const problems = problemsOf(`${text}\n${APP}`);
  expect(problems).toMatchObject([{ path, found, example, line: expect.any(Number) as number }]);
  expect(problems).toHaveLength(1);
});

test.each([
  ['metrics: { ports: { ingress: 9090, admin: 9090 } }', 'metrics.ports.admin', '9090', 'admin: 5002'],
  ['admin: { port: 5000 }', 'admin.port', '5000', 'port: 5001'],
  ['http: { port: 5001 }\nadmin: { bind_address: "::" }', 'http.port', '5001', 'port: 5000'],
])('%j: two roles want a port, which is right on two hosts', (text, path, found, example) => {
  expect(problemsOf(`${text}\n${APP}`)).toEqual([]);
  expect(warningsOf(`${text}\n${APP}`)).toMatchObject([{ path, found, example }]);
});

test.each([
  'http: { port: 0 }\nadmin: { port: 0 }\nmetrics: { ports: { ingress: 0, dispatcher: 0, admin: 0 } }',
  'http: { bind_addresses: ["127.0.0.2"], port: 5002 }',
  'http: { bind_addresses: ["::1"], port: 5002 }',
  'http: { bind_addresses: ["0.0.0.0"], port: 5001 }\nadmin: { bind_address: "::1" }',
  'http: { bind_addresses: ["10.0.0.1"] }\nmetrics: { bind_address: 10.0.0.2, ports: { ingress: 5000 } }',
])('%j: nothing clashes', (text) => {
  expect(problemsOf(`${text}\n${APP}`)).toEqual([]);
  expect(warningsOf(`${text}\n${APP}`)).toEqual([]);
});

test('who holds the port is said, and whether it is so by default', () => {
  expect(problemsOf(`http: { port: 5002 }\n${APP}`)[0]?.message).toBe(
    'is the port of `metrics.ports.ingress` (by default) too, on the same address',
  );
});

test('a clash is told beside other mistakes, and a port from the environment with its variable', () => {
  expect(problemsOf(`http: { prot: 1 }\n${APP}`, { REVEILLE_ADMIN__PORT: '5004' })).toMatchObject([
    { path: 'http.prot' },
    { path: 'admin.port', variable: 'REVEILLE_ADMIN__PORT', example: 'REVEILLE_ADMIN__PORT=5001' },
  ]);
});

test('a port that is wrong in itself is one problem, not two', () => {
  expect(problemsOf(`http: { port: many }\nadmin: { port: 70000 }\n${APP}`).map(({ path }) => path)).toEqual([
    'http.port',
    'admin.port',
  ]);
});
