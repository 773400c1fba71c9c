import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { credentialFiles, currentProperties, currentToken } from '../../../engine/produce/credentials.ts';
import { tempDir } from '../../support/temp.ts';

function jwt(claims: object): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
}

test('secrets are as they stand in their files now, without one line end', (t) => {
  const file = join(tempDir(t), 'password');
  const sources = { properties: { 'sasl.password': 'old', 'client.id': 'x' }, secretFiles: { 'sasl.password': file }, tokenFile: null };
  writeFileSync(file, 'new\n\n');
  assert.deepEqual(currentProperties(sources), { 'sasl.password': 'new\n', 'client.id': 'x' });
  rmSync(file);
  assert.throws(() => currentProperties(sources), {
    code: 'KAFKA_CREDENTIALS_INVALID',
    message: /^sasl\.password cannot be read from .*ENOENT/,
  });
});

test('a token has its end and its principal from its claims', (t) => {
  const tokenFile = join(tempDir(t), 'token');
  const sources = { properties: {}, secretFiles: {}, tokenFile };
  const text = jwt({ exp: 1_900_000_000, sub: 'cdc' });
  writeFileSync(tokenFile, `${text}\n`);
  assert.deepEqual(currentToken(sources), { text, expiresMs: 1_900_000_000_000, principal: 'cdc' });
  assert.equal(currentToken({ ...sources, tokenFile: null }), null);
  for (const wrong of ['', 'secret-of-somebody', jwt({ sub: 'cdc' }), 'e30.bm8.c2ln']) {
    writeFileSync(tokenFile, wrong);
    assert.throws(
      () => currentToken(sources),
      (error: Error) => /holds no token: accepted is a JWT/.test(error.message) && !error.message.includes('somebody'),
    );
  }
});

test('every file that a login depends on is known', () => {
  const properties = { 'ssl.ca.location': '/ca', 'ssl.key.location': '/key', 'sasl.kerberos.keytab': '/keytab', 'sasl.password': 'x' };
  const sources = { properties, secretFiles: { 'sasl.password': '/password' }, tokenFile: '/token' };
  assert.deepEqual(credentialFiles(sources), ['/ca', '/key', '/keytab', '/password', '/token']);
});
