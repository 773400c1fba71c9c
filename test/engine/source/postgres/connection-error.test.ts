import assert from 'node:assert/strict';
import test from 'node:test';
import { MillraceError } from '../../../../engine/base/errors.ts';
import { fromConnectionError } from '../../../../engine/source/postgres/connection-error.ts';

function nodeError(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}

function codeOf(thrown: unknown): string {
  return fromConnectionError(thrown, 'cannot connect').code;
}

test('what keeps a connection from being made', () => {
  const unreachable = ['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'EACCES'];
  for (const code of unreachable) assert.equal(codeOf(nodeError('x', code)), 'SERVER_UNREACHABLE', code);
  assert.equal(codeOf(new Error('Connection terminated unexpectedly')), 'SERVER_UNREACHABLE');
  assert.equal(codeOf('a string'), 'SERVER_UNREACHABLE');
});

test('what keeps it from being encrypted', () => {
  const codes = [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ];
  for (const code of [...codes, 'CERT_HAS_EXPIRED', 'EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER'])
    assert.equal(codeOf(nodeError('x', code)), 'TLS_FAILED', code);
  assert.equal(codeOf(new Error('The server does not support SSL connections')), 'TLS_FAILED');
});

test('what the server itself says is taken by its SQLSTATE', () => {
  const error = Object.assign(new Error('password authentication failed'), { severity: 'FATAL', code: '28P01', routine: 'auth_failed' });
  const mapped = fromConnectionError(error, 'cannot connect to db:5432');
  assert.equal(mapped.code, 'LOGIN_REFUSED');
  assert.equal(mapped.message, 'cannot connect to db:5432: password authentication failed (SQLSTATE 28P01)');
});

test('a wrong password over SCRAM may be noticed on this side', () => {
  assert.equal(codeOf(new Error('SASL: SCRAM-SERVER-FINAL-MESSAGE: server signature does not match')), 'LOGIN_REFUSED');
});

test('our own errors stay what they are; others are kept as the cause', () => {
  const own = new MillraceError('SLOT_LOST', 'x');
  assert.equal(fromConnectionError(own, 'doing'), own);
  const cause = nodeError('x', 'ECONNREFUSED');
  assert.equal(fromConnectionError(cause, 'doing').cause, cause);
});

test('an error of several addresses names each', () => {
  const error = new AggregateError([
    nodeError('connect ECONNREFUSED ::1:5432', 'ECONNREFUSED'),
    nodeError('connect ECONNREFUSED 127.0.0.1:5432', 'ECONNREFUSED'),
  ]);
  assert.match(fromConnectionError(error, 'cannot connect').message, /::1:5432.*127\.0\.0\.1:5432/);
});
