import { chmodSync } from 'node:fs';
import { join } from 'node:path';

import { APP, configFolder } from './config-folder.fixture';
import { redactSettings, sealingKeys } from './index';

const { folder, write: create, load, settingsOf, problemsOf } = configFolder();

/** With the mode that is asked for, whatever the umask. */
function write(text: string, name: string, mode = 0o600): void {
  create(text, name, mode);
  chmodSync(join(folder(), name), mode);
}

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
    wait_for_replicas: 0,
  });
});

describe('the sealing keys', () => {
  const first = Buffer.alloc(32, 1);
  const second = Buffer.alloc(32, 2);

  test('come from the file, from files of their own or from the environment, in base64 or hex, in their order', () => {
    const inline = settingsOf(`privacy: { sealing_keys: ['${second.toString('base64')}', '${first.toString('hex')}'] }\n${APP}`);
    expect(sealingKeys(inline.privacy)).toEqual([second, first]);
    write(`${second.toString('base64url')}\n`, 'key-2');
    write(first.toString('hex'), 'key-1');
    const file = `privacy: { sealing_key_files: [key-2, key-1] }\n${APP}`;
    expect(sealingKeys(settingsOf(file).privacy)).toEqual([second, first]);
    const environment = { REVEILLE_PRIVACY__SEALING_KEYS: `${first.toString('base64')},${second.toString('hex')}` };
    expect(sealingKeys(settingsOf(file, environment).privacy)).toEqual([first, second]);
    const files = { REVEILLE_PRIVACY__SEALING_KEY_FILES: 'key-1,key-2' };
    expect(sealingKeys(settingsOf(`privacy: { sealing_keys: ['${'a'.repeat(43)}'] }\n${APP}`, files).privacy)).toEqual([first, second]);
    expect(sealingKeys(settingsOf(APP).privacy)).toEqual([]);
  });

  test('are never shown, whatever is wrong with them', () => {
    const wrong = 'SENTINEL-too-short-for-a-key';
    write(wrong, 'wrong', 0o644);
    write(first.toString('hex'), 'right', 0o622);
    const problems = problemsOf(`privacy: { sealing_keys: [${wrong}] }\n${APP}`);
    expect(problems).toMatchObject([
      { path: 'privacy.sealing_keys[0]', found: '(hidden)', message: 'must be 32 random bytes in base64 or hex' },
    ]);
    const inFile = problemsOf(`privacy:\n  sealing_key_files:\n    - right\n    - wrong\n    - absent\n${APP}`);
    expect(inFile).toMatchObject([{ path: 'privacy.sealing_key_files[2]', line: 5, message: 'does not exist' }]);
    const read = problemsOf(`privacy: { sealing_key_files: [right, wrong] }\n${APP}`);
    expect(read).toMatchObject([
      { path: 'privacy.sealing_key_files[1]', found: '(hidden)', message: 'holds a value that must be 32 random bytes in base64 or hex' },
    ]);
    expect(JSON.stringify([problems, inFile, read])).not.toContain('SENTINEL');
    expect(JSON.stringify(redactSettings(settingsOf(`privacy: { sealing_key_files: [right] }\n${APP}`)))).not.toContain('0101');
    expect(problemsOf(`privacy: { sealing_keys: ['${'a'.repeat(43)}'], sealing_key_files: [right] }\n${APP}`)).toMatchObject([
      { path: 'privacy.sealing_key_files[0]', message: 'stands beside `sealing_keys`: keep one of the two' },
    ]);
    expect(load(`privacy: { sealing_key_files: [right] }\n${APP}`)).toMatchObject({
      warnings: expect.arrayContaining([
        expect.objectContaining({ path: 'privacy.sealing_key_files[0]', message: 'may be changed by others (mode 622)' }),
      ]) as unknown,
    });
  });
});

test('sealed pushes beside a hash key on Redis are a warning', () => {
  const keys = `sealing_keys: ['${'a'.repeat(43)}']`;
  expect(load(`privacy: { ${keys} }\n${APP}`)).toMatchObject({ ok: true, warnings: [{ path: 'privacy.hash_key', line: 1 }] });
  expect(load(`privacy: { ${keys}, hash_key: ${'x'.repeat(16)} }\n${APP}`)).toMatchObject({ ok: true, warnings: [] });
});

test('the key files of apps are looked at as well', () => {
  write('x', 'open.p8', 0o640);
  write('x', 'closed.p8', 0o400);
  expect(load(`${APP}    keyfile: open.p8\n`)).toMatchObject({
    ok: true,
    warnings: [{ path: 'apps["com.example.ios"].keyfile', line: 5, message: 'may be read by others (mode 640)' }],
  });
  expect(load(`${APP}    keyfile: closed.p8\n`)).toMatchObject({ ok: true, warnings: [] });
});
