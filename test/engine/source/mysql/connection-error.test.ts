import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MillraceError } from '../../../../engine/base/errors.ts';
import { fromConnectionError } from '../../../../engine/source/mysql/connection-error.ts';

function codeOf(error: unknown): string {
  return fromConnectionError(error, 'cannot connect').code;
}

test('what is ours stays as it is', () => {
  const error = new MillraceError('BINLOG_OFF', 'x');
  assert.equal(fromConnectionError(error, 'cannot connect'), error);
});

test("the server's errors keep its words and number; details are added", () => {
  const thrown = Object.assign(new Error('Query: Access denied'), { errno: 1045, sqlState: '28000', sqlMessage: 'Access denied' });
  const error = fromConnectionError(thrown, 'cannot connect to db:3306', { host: 'db' });
  assert.deepEqual([error.code, error.details], ['LOGIN_REFUSED', { host: 'db', errno: 1045 }]);
  assert.equal(error.message, 'cannot connect to db:3306: Access denied (error 1045, SQLSTATE 28000)');
});

test('sockets, TLS and logins are told apart', () => {
  const withCode = (code: string, message = 'it broke') => Object.assign(new Error(message), { code });
  assert.equal(codeOf(withCode('ECONNREFUSED')), 'SERVER_UNREACHABLE');
  assert.equal(codeOf(new AggregateError([new Error('a'), new Error('b')])), 'SERVER_UNREACHABLE');
  assert.equal(codeOf(withCode('HANDSHAKE_SSL_ERROR', 'self-signed certificate')), 'TLS_FAILED');
  assert.equal(codeOf(withCode('HANDSHAKE_NO_SSL_SUPPORT')), 'TLS_FAILED');
  assert.equal(codeOf(withCode('AUTH_SWITCH_PLUGIN_ERROR')), 'LOGIN_REFUSED');
  assert.equal(codeOf('a text'), 'SERVER_UNREACHABLE');
});

test('a plug-in that is not supported is named', () => {
  const thrown = Object.assign(new Error('Server requests authentication using unknown plugin client_ed25519. See ...'), {
    code: 'AUTH_SWITCH_PLUGIN_ERROR',
  });
  assert.match(
    fromConnectionError(thrown, 'x').message,
    /the plug-in client_ed25519, which is not supported; supported are mysql_native_password/,
  );
});
