import { APP, configFolder } from './config-folder.fixture';

const { write, load, settingsOf, problemsOf } = configFolder();

test('are read, without the new line at their end, and found relative to the file', () => {
  write('correct horse\n', 'password');
  write('redis://u:p@h\n', 'url');
  const loaded = load(`redis: { url_file: url, password_file: password }\n${APP}`);
  expect(loaded).toMatchObject({ ok: true, warnings: [] });
  expect(loaded).toMatchObject({ settings: { redis: { url: 'redis://u:p@h', password: 'correct horse' } } });
});

test('a file that others may read is a warning', () => {
  write('x'.repeat(32), 'key', 0o644);
  expect(load(`privacy:\n  hash_key_file: key\n${APP}`)).toMatchObject({
    ok: true,
    warnings: [{ path: 'privacy.hash_key_file', line: 2, found: 'key', message: 'may be read by others (mode 644)' }],
  });
});

test('what is wrong with a file is said, and its content never', () => {
  write('', 'empty');
  write('SENTINEL-no-url', 'url');
  write('SENTINEL', 'short');
  const problems = problemsOf(
    `redis: { url_file: url, password_file: absent }\nprivacy: { hash_key_file: short }\n${APP}`,
  );
  expect(problems.map(({ path, message }) => [path, message])).toEqual([
    ['redis.password_file', 'does not exist'],
    ['redis.url_file', 'holds a value that must be a URL that starts with redis:// or rediss://'],
    ['privacy.hash_key_file', 'holds a value that must have at least 16 characters'],
  ]);
  expect(JSON.stringify(problems)).not.toContain('SENTINEL');
  expect(problemsOf(`privacy: { hash_key_file: empty }\n${APP}`)).toMatchObject([{ message: 'is empty' }]);
  expect(problemsOf(`privacy: { hash_key_file: . }\n${APP}`)).toMatchObject([{ message: 'is not a file' }]);
});

test('both forms at once are a problem, unless the environment replaces one by the other', () => {
  write('redis://from-file', 'url');
  const file = `redis: { url_file: url }\n${APP}`;
  expect(problemsOf(`redis: { url: 'redis://x', url_file: url }\n${APP}`)).toMatchObject([
    { path: 'redis.url_file', message: 'stands beside `url`: keep one of the two' },
  ]);
  expect(settingsOf(file, { REDIS_URL: 'redis://from-environment' }).redis).toEqual({
    url: 'redis://from-environment',
    prefix: 'reveille',
    data_directory: './data',
  });
});
