import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeliveryTable } from '../../../engine/produce/delivery.ts';
import { LAYOUT } from '../../../native-bridge/layout.ts';

const NAMES = {
  topic: () => ({ name: 'shop', isForDeadLetters: false }),
  table: (id: number) => `public.t${id}`,
  error: (code: number) => `E${code}`,
};

test('counters are read from their places, beyond 32 bits too', () => {
  const table = new DeliveryTable();
  const longs = new BigInt64Array(table.words.buffer);
  longs[LAYOUT.HEADER_DELIVERED / 2] = 5_000_000_000n;
  longs[LAYOUT.HEADER_FAILED / 2] = 2n;
  longs[LAYOUT.HEADER_PURGED / 2] = 3n;
  longs[LAYOUT.HEADER_BYTES / 2] = 7n;
  longs[LAYOUT.HEADER_IN_FLIGHT / 2] = 11n;
  assert.deepEqual(table.counters, { delivered: 5_000_000_000, failed: 5, bytes: 7, inFlight: 11 });
});

test('a target has counters of its own', () => {
  const table = new DeliveryTable();
  const longs = new BigInt64Array(table.words.buffer);
  const word = LAYOUT.TARGETS + 3 * LAYOUT.TARGET_WORDS;
  longs[(word + LAYOUT.TARGET_OFFSET) / 2] = 42n;
  table.words[word + LAYOUT.TARGET_IN_FLIGHT] = 9;
  assert.deepEqual(table.target(3), { offset: 42, messages: 0, bytes: 0, inFlight: 9 });
  assert.deepEqual(table.target(2), { offset: 0, messages: 0, bytes: 0, inFlight: 0 });
});

test('the first failure is told with table, key, topic and partition; a half-written one is not told yet', () => {
  const table = new DeliveryTable();
  const key = Buffer.from('{"id":7}');
  table.words[LAYOUT.ERROR_CODE] = 10;
  table.words[LAYOUT.ERROR_PARTITION] = 2;
  table.words[LAYOUT.ERROR_TABLE] = 5;
  table.words[LAYOUT.ERROR_KEY_LENGTH] = key.length;
  new Uint8Array(table.words.buffer).set(key, LAYOUT.ERROR_KEY * 4);
  table.words[LAYOUT.ERROR_STATE] = LAYOUT.ERROR_WRITING;
  assert.equal(table.firstError(NAMES), null);
  table.words[LAYOUT.ERROR_STATE] = LAYOUT.ERROR_OF_FAILURE;
  const error = table.firstError(NAMES);
  assert.equal(error?.code, 'DELIVERY_FAILED');
  assert.match(error.message, /public\.t5 with key \{"id":7\} for shop\[2\]: E10 \(10\)/);
});

test('a topic that the user may not write is a matter of permissions, with the command that gives them', () => {
  const table = new DeliveryTable();
  table.words[LAYOUT.ERROR_CODE] = 29;
  table.words[LAYOUT.ERROR_STATE] = LAYOUT.ERROR_OF_FAILURE;
  const error = table.firstError(NAMES);
  assert.equal(error?.code, 'KAFKA_TOPIC_UNAUTHORIZED');
  assert.match(error.message, /E29 \(29\).*kafka-acls\.sh --add .* --operation Write .*--topic shop$/);
});

test('a dead letter that is refused for good has an error of its own, its permissions and the clock have theirs', () => {
  const codes = [10, 87, 29, 32].map((code) => {
    const table = new DeliveryTable();
    table.words[LAYOUT.ERROR_CODE] = code;
    table.words[LAYOUT.ERROR_STATE] = LAYOUT.ERROR_OF_FAILURE;
    const error = table.firstError({ ...NAMES, topic: () => ({ name: 'dead', isForDeadLetters: true }) });
    assert.match(error!.message, /did not take a dead letter of public\.t0 .* for dead\[0\]/);
    return error!.code;
  });
  assert.deepEqual(codes, ['DEAD_LETTER_FAILED', 'DEAD_LETTER_FAILED', 'KAFKA_TOPIC_UNAUTHORIZED', 'KAFKA_TIMESTAMP_REFUSED']);
});

test('a timestamp that the brokers do not take is a matter of the clock, and the error says where it stands', () => {
  const table = new DeliveryTable();
  table.words[LAYOUT.ERROR_CODE] = 32;
  table.words[LAYOUT.ERROR_STATE] = LAYOUT.ERROR_OF_FAILURE;
  const error = table.firstError(NAMES);
  assert.equal(error?.code, 'KAFKA_TIMESTAMP_REFUSED');
  assert.match(error.message, /E32 \(32\).* This machine's clock says \d{4}-\d\d-\d\dT/);
  table.words[LAYOUT.ERROR_CODE] = 87;
  const batch = table.firstError(NAMES);
  assert.equal(batch?.code, 'DELIVERY_FAILED');
  assert.match(batch.message, /E87 \(87\).* timestamp .* no key\. This machine's clock says/);
});

test('what was purged is told as such, for as long as no message has failed', () => {
  const table = new DeliveryTable();
  assert.equal(table.hasOnlyPurged, false);
  table.words[LAYOUT.ERROR_STATE] = LAYOUT.ERROR_OF_PURGE;
  assert.equal(table.hasOnlyPurged, true);
  assert.equal(table.firstError(NAMES)?.code, 'DELIVERY_FAILED');
  table.words[LAYOUT.ERROR_STATE] = LAYOUT.ERROR_OF_FAILURE;
  assert.equal(table.hasOnlyPurged, false);
});

test('a null key and a key that was cut are shown as such', () => {
  const table = new DeliveryTable();
  table.words[LAYOUT.ERROR_STATE] = LAYOUT.ERROR_OF_FAILURE;
  table.words[LAYOUT.ERROR_KEY_LENGTH] = -1;
  assert.match(table.firstError(NAMES)?.message ?? '', /key \(none\)/);
  table.words[LAYOUT.ERROR_KEY_LENGTH] = LAYOUT.ERROR_KEY_BYTES + 1;
  assert.match(table.firstError(NAMES)?.message ?? '', /\.\.\. for shop/);
});
