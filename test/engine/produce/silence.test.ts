import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advertisedInVain, silenceOf } from '../../../engine/produce/silence.ts';
import type { NativeEvent } from '../../../native-bridge/index.ts';

const log = (message: string): NativeEvent => ({ kind: 'log', level: 6, facility: 'FAIL', message });
const error = (name: string, message: string): NativeEvent => ({ kind: 'error', code: -1, name, message, fatal: false });
const closed = (state: string) =>
  log(`[thrd:b:1/bootstrap]: b:1/bootstrap: Disconnected: connection closed by peer: receive 0 after POLLIN (after 3ms in state ${state})`);
const DOWN = error('_ALL_BROKERS_DOWN', '1/1 brokers are down');

test('who closes the connection before a word was said wants TLS, who does so after it, a login', () => {
  assert.equal(
    silenceOf([closed('APIVERSION_QUERY'), DOWN, closed('APIVERSION_QUERY, 1 identical error(s) suppressed')]),
    'b:1/bootstrap closes the connection, as a listener does that wants TLS (MILLRACE_SECURITY_PROTOCOL=SSL or SASL_SSL)',
  );
  assert.equal(
    silenceOf([closed('UP'), DOWN]),
    'b:1/bootstrap closes the connection, as a listener does that wants a login (MILLRACE_SASL_MECHANISM)',
  );
});

test('errors are told once, without the time that each attempt took', () => {
  const refused = (ms: number) =>
    error(
      '_TRANSPORT',
      `b:1/bootstrap: Connection refused (after ${ms}ms in state CONNECT${ms > 0 ? ', 2 identical error(s) suppressed' : ''})`,
    );
  assert.equal(silenceOf([refused(0), DOWN, refused(7)]), 'b:1/bootstrap: Connection refused (_TRANSPORT)');
});

test('without a word from anybody it says so', () => {
  for (const events of [[], [DOWN], [log('something else')]]) assert.match(silenceOf(events), /^nothing answers, not even with a refusal/);
});

test('brokers that were told of and are not reached are known by their numbers, unless the bootstrap list is not reached either', () => {
  const refused = (broker: string) => error('_TRANSPORT', `${broker}: Connect to ipv4#1.2.3.4:9 failed: Connection refused`);
  const lost = [refused('sasl_ssl://kafka-1.lan:9092/1'), refused('ssl://[::1]:9093/2'), refused('sasl_ssl://kafka-1.lan:9092/1'), DOWN];
  assert.deepEqual(advertisedInVain(lost), [
    { id: 1, host: 'kafka-1.lan', port: 9092 },
    { id: 2, host: '[::1]', port: 9093 },
  ]);
  assert.deepEqual(advertisedInVain([...lost, refused('b:1/bootstrap')]), []);
  assert.deepEqual(advertisedInVain([DOWN]), []);
});
