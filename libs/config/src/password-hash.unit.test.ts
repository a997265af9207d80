import { scryptSync } from 'node:crypto';

import { hashPassword, isPasswordHash, verifyPassword } from './password-hash';

/** Of a hash that others made: N = 2^14, r = 8, p = 1. */
function madeElsewhere(password: string): string {
  const salt = Buffer.from('sixteen bytes ok');
  const hash = scryptSync(password, salt, 32, { N: 2 ** 14, r: 8, p: 1 });
  const text = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
  return `$scrypt$ln=14,r=8,p=1$${text(salt)}$${text(hash)}`;
}

describe('a password hash', () => {
  it('is of its password only, and never the same twice', async () => {
    const [one, other] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')]);
    expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(other);
    await expect(verifyPassword('correct horse', one)).resolves.toBe(true);
    await expect(verifyPassword('correct horsf', one)).resolves.toBe(false);
    await expect(verifyPassword('', one)).resolves.toBe(false);
  });

  it('is read as others write it', async () => {
    const hash = madeElsewhere('pass word');
    expect(isPasswordHash(hash)).toBe(true);
    await expect(verifyPassword('pass word', hash)).resolves.toBe(true);
  });

  it('knows one letter in its several spellings', async () => {
    await expect(verifyPassword('caf\u0065\u0301', await hashPassword('caf\u00e9'))).resolves.toBe(true);
  });

  const good = madeElsewhere('x');
  it.each([
    'plain text',
    '',
    good.replace('scrypt', 'argon2id'),
    good.replace('ln=14', 'ln=10'),
    good.replace('ln=14', 'ln=30'),
    good.replace('ln=14', 'ln=18').replace('r=8', 'r=16'),
    good.replace('p=1', 'p=0'),
    good.replace('p=1', 'p=99'),
    good.slice(0, -10),
    `${good} `,
  ])('%p is none', async (text) => {
    expect(isPasswordHash(text)).toBe(false);
    await expect(verifyPassword('x', text)).resolves.toBe(false);
  });
});
