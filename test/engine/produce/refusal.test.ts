import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MillraceError } from '../../../engine/base/errors.ts';
import { refusalOf, unusableCredentials } from '../../../engine/produce/refusal.ts';
import type { NativeEvent } from '../../../native-bridge/index.ts';

const error = (name: string, message: string): NativeEvent => ({ kind: 'error', code: -1, name, message, fatal: false });
const log = (message: string): NativeEvent => ({ kind: 'log', level: 3, facility: 'SSLCERTVRFY', message });

const DOWN = error('_ALL_BROKERS_DOWN', '1/1 brokers are down');
const HANDSHAKE = error('_SSL', 'ssl://b:1/bootstrap: SSL handshake failed: certificate verify failed (after 9ms in state SSL_HANDSHAKE)');

test('a login that the broker refuses is told with its answer, without how long it took', () => {
  const refused = error(
    '_AUTHENTICATION',
    'sasl_ssl://b:1/1: SASL authentication error: no (after 3ms in state AUTH_REQ, 1 identical error(s) suppressed)',
  );
  assert.deepEqual(refusalOf([DOWN, refused]), { code: 'KAFKA_LOGIN_REFUSED', reason: 'sasl_ssl://b:1/1: SASL authentication error: no' });
});

test('a certificate that is not taken is told with its names and why', () => {
  const line =
    '[thrd:ssl://b:1]: ssl://b:1/2: Certificate (subject=/CN=b, issuer=/O=X, Inc./CN=ca) verification callback failed: it is late';
  assert.deepEqual(refusalOf([DOWN, HANDSHAKE, log(line)]), {
    code: 'KAFKA_TLS_FAILED',
    reason: 'the certificate /CN=b of ssl://b:1/2, issued by /O=X, Inc./CN=ca, is not taken: it is late',
  });
});

test("TLS that ends by the other side's will is told as such", () => {
  const alert = error(
    '_TRANSPORT',
    'ssl://b:1/1: Receive failed: error:0A000412:SSL routines::sslv3 alert bad certificate: SSL alert number 42',
  );
  assert.equal(refusalOf([alert])?.code, 'KAFKA_TLS_FAILED');
  assert.match(refusalOf([alert])?.reason ?? '', /does not take our certificate/);
  assert.equal(refusalOf([error('_TRANSPORT', 'b:1: SSL handshake failed: Disconnected')])?.code, 'KAFKA_TLS_FAILED');
});

test('a broker that is away refuses nobody', () => {
  assert.equal(refusalOf([DOWN, error('_TRANSPORT', 'b:1: Connect to 1.2.3.4 failed: Connection refused'), log('anything')]), null);
  assert.equal(refusalOf([]), null);
});

test('what librdkafka cannot start with is an error of credentials or of Kerberos where they are why, and stays what it is elsewhere', () => {
  const codeOf = (message: string) => (unusableCredentials(new MillraceError('KAFKA_CONFIG_INVALID', message)) as MillraceError).code;
  assert.equal(codeOf('ssl.key.pem failed: not in PEM format?'), 'KAFKA_CREDENTIALS_INVALID');
  assert.equal(codeOf('No worthy mechs found: make sure the GSSAPI module is installed'), 'KAFKA_KERBEROS_MISSING');
  assert.equal(codeOf('linger.ms: out of range'), 'KAFKA_CONFIG_INVALID');
  const other = new MillraceError('KAFKA_UNREACHABLE', 'ssl.key.pem failed');
  assert.equal(unusableCredentials(other), other);
});
