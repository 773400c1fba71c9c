import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flush, produceHeaded } from '../../native-bridge/index.ts';
import { LAYOUT } from '../../native-bridge/layout.ts';
import { setAcknowledged } from '../support/first-messages.ts';
import { headedRecords } from '../support/letters.ts';
import { skipUnless } from '../support/skip.ts';
import { startCluster, startProducer, TOPIC_BYTES } from './fixture.ts';

const FLUSH_MS = 60_000;
const NONE = new Uint8Array(0);

/** A descriptor of key and value, which lie in this order. */
function message(keyLength: number, valueLength: number, more: { readonly partition?: number; readonly epoch?: number } = {}): Int32Array {
  const words = new Int32Array(LAYOUT.MESSAGE_WORDS);
  words[LAYOUT.MESSAGE_KEY_LENGTH] = keyLength;
  words[LAYOUT.MESSAGE_VALUE_OFFSET] = Math.max(0, keyLength);
  words[LAYOUT.MESSAGE_VALUE_LENGTH] = valueLength;
  words[LAYOUT.MESSAGE_PARTITION] = more.partition ?? 0;
  words[LAYOUT.MESSAGE_OPAQUE_HIGH] = ((more.epoch ?? 0) << 16) | 1;
  return words;
}

function headers(...texts: readonly string[]): Uint8Array {
  const parts = texts.map((text) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(Buffer.byteLength(text));
    return Buffer.concat([length, Buffer.from(text)]);
  });
  return Buffer.concat(parts);
}

test('key, value and headers arrive, and the message counts in its epoch and target', { skip: skipUnless('kcat') }, async (t) => {
  const cluster = startCluster(t, 2);
  const { handle, table } = startProducer(t, cluster.bootstrapServers, {}, 2);
  const all = headers('reason', 'too large', 'empty', '', 'reason', 'again');
  assert.ok(produceHeaded(handle, message(1, 2, { epoch: 7, partition: 1 }), Buffer.from('kvv'), all, 1000));
  assert.ok(produceHeaded(handle, message(-1, -1, { epoch: 7, partition: 1 }), NONE, NONE, 1000));
  assert.equal(await flush(handle, FLUSH_MS), true);
  assert.deepEqual([table.outstanding(7), table.poisoned(7)], [0, false]);
  assert.deepEqual(table.target(1), { offset: 2, count: 2, bytes: 3, inFlight: 0 });
  const [first, second] = await headedRecords(cluster.bootstrapServers, 't');
  assert.deepEqual([first!.key, first!.value, first!.headers], ['k', 'vv', { reason: 'again', empty: '' }]);
  assert.deepEqual([second!.key ?? '', second!.value ?? '', second!.headers], ['', '', {}]);
});

test('until a partition has acknowledged one message, one at most is under way', async (t) => {
  const cluster = startCluster(t);
  const { handle, table } = startProducer(t, cluster.bootstrapServers, { 'linger.ms': '0' });
  setAcknowledged(table.words, 0, 0);
  cluster.setRoundTrip(1, 300);
  const offer = (waitMs: number) => produceHeaded(handle, message(-1, 1), Buffer.from('v'), NONE, waitMs);
  assert.ok(offer(0));
  assert.equal(offer(0), false);
  assert.equal(table.target(0).inFlight, 1, 'what is not taken is not counted');
  assert.ok(offer(FLUSH_MS));
  assert.ok(offer(0));
  assert.equal(await flush(handle, FLUSH_MS), true);
  assert.deepEqual([table.target(0).count, table.outstanding(0)], [3, 0]);
});

test('a queue that is full takes it later', async (t) => {
  const cluster = startCluster(t);
  const { handle, table } = startProducer(t, cluster.bootstrapServers, { 'queue.buffering.max.messages': '1', 'linger.ms': '50' });
  const offer = (waitMs: number) => produceHeaded(handle, message(-1, 1), Buffer.from('v'), headers('a', 'b'), waitMs);
  assert.ok(offer(0));
  assert.equal(offer(0), false);
  assert.ok(offer(FLUSH_MS));
  assert.equal(await flush(handle, FLUSH_MS), true);
  assert.equal(table.totals.delivered, 2);
});

test('what cannot be is a defect, and nothing of it is sent', async (t) => {
  const cluster = startCluster(t);
  const { handle, table } = startProducer(t, cluster.bootstrapServers);
  const value = Buffer.from('v');
  const attempts: readonly [Int32Array, Uint8Array, Uint8Array][] = [
    [message(-1, 1, { partition: 5 }), value, NONE],
    [message(-1, 1, { epoch: LAYOUT.EPOCH_SLOTS }), value, NONE],
    [message(-1, 2), value, NONE],
    [message(-1, 1), value, headers('name', 'value').subarray(0, 10)],
    [message(-1, 1), value, Buffer.from([255, 255, 255, 255])],
    [message(-1, 1), value, headers('name', 'x'.repeat(TOPIC_BYTES))],
    [new Int32Array(3), value, NONE],
  ];
  for (const [words, bytes, given] of attempts) assert.throws(() => produceHeaded(handle, words, bytes, given, 0), { code: 'INTERNAL' });
  assert.equal(await flush(handle, FLUSH_MS), true);
  assert.deepEqual(table.totals, { delivered: 0, failed: 0, purged: 0, inFlight: 0 });
});
