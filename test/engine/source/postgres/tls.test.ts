import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { isSocketDirectory, tlsAttempts } from '../../../../engine/source/postgres/tls.ts';
import type { SslMode, SslSettings } from '../../../../engine/source/postgres/url.ts';
import { tempDir } from '../../../support/temp.ts';

const SERVER = { host: 'db', port: 5432 };

function settings(mode: SslMode, change: Partial<SslSettings> = {}): SslSettings {
  // `system`: the result does not depend on whether the user has a ~/.postgresql/root.crt.
  return {
    mode,
    rootCertificate: 'system',
    certificate: null,
    key: null,
    keyPassword: null,
    direct: false,
    channelBinding: true,
    ...change,
  };
}

/** `plain`, `unverified`, `chain` or `verified` for each attempt. */
function attempts(mode: SslMode, change: Partial<SslSettings> = {}): string[] {
  return tlsAttempts(SERVER, settings(mode, change)).map((attempt) => {
    if (attempt === null) return 'plain';
    if (attempt.rejectUnauthorized === false) return 'unverified';
    return attempt.checkServerIdentity === undefined ? 'verified' : 'chain';
  });
}

test('each mode tries what libpq tries', () => {
  assert.deepEqual(attempts('disable'), ['plain']);
  assert.deepEqual(attempts('allow'), ['plain', 'unverified']);
  assert.deepEqual(attempts('prefer'), ['unverified', 'plain']);
  assert.deepEqual(attempts('require'), ['unverified']);
  assert.deepEqual(attempts('verify-ca'), ['chain']);
  assert.deepEqual(attempts('verify-full'), ['verified']);
});

test('a root certificate makes `require` verify the chain, and nothing else weaker', (t) => {
  const file = join(tempDir(t), 'ca.pem');
  writeFileSync(file, 'certificate');
  assert.deepEqual(attempts('require', { rootCertificate: file }), ['chain']);
  assert.deepEqual(attempts('prefer', { rootCertificate: file }), ['unverified', 'plain']);
  const [attempt] = tlsAttempts(
    SERVER,
    settings('verify-full', { rootCertificate: file, certificate: file, key: file, keyPassword: 'pw' }),
  );
  assert.deepEqual([attempt?.ca, attempt?.cert, attempt?.key, attempt?.passphrase].map(String), [
    'certificate',
    'certificate',
    'certificate',
    'pw',
  ]);
});

test('a Unix socket is never encrypted', () => {
  assert.ok(isSocketDirectory('/run/pg') && !isSocketDirectory('db'));
  assert.deepEqual(tlsAttempts({ host: '/run/pg', port: 1 }, settings('verify-full')), [null]);
});

test('a file that cannot be read is named, with its parameter', () => {
  for (const [name, change] of [
    ['sslrootcert', { rootCertificate: '/none' }],
    ['sslcert', { certificate: '/none', key: '/none' }],
  ] as const) {
    assert.throws(() => tlsAttempts(SERVER, settings('verify-full', change)), {
      code: 'TLS_FAILED',
      message: new RegExp(`/none.*${name}`),
    });
  }
});
