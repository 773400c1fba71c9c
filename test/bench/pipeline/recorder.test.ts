import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ordersStream } from '../../../bench/micro/orders-stream.ts';
import { Recorder } from '../../../bench/pipeline/recorder.ts';

/** CopyData with a keepalive: end of the log, clock, no reply wanted. */
const KEEPALIVE = Buffer.concat([Buffer.from('d\0\0\0\x16k', 'latin1'), Buffer.alloc(17)]);

test('a recording holds whole log messages up to the wanted commit, however the socket cuts them', () => {
  const transaction = ordersStream(5);
  const wire = Buffer.concat([Buffer.from('W\0\0\0\x07\0\0\0', 'latin1'), KEEPALIVE, transaction, KEEPALIVE, transaction, transaction]);
  for (const size of [1, 7, 64, 1_000, wire.length]) {
    const recorder = new Recorder(2);
    let done = false;
    for (let at = 0; at < wire.length && !done; at += size) done = recorder.take(wire.subarray(at, at + size));
    assert.ok(done, `chunks of ${size}`);
    assert.equal(recorder.recording.transactions, 2);
    assert.deepEqual(recorder.recording.bytes, Buffer.concat([transaction, transaction]));
  }
});

test('an error of the server ends the recording with its text', () => {
  const body = Buffer.from('SERROR\0Mno such slot\0\0', 'latin1');
  const head = Buffer.from('E\0\0\0\0', 'latin1');
  head.writeUInt32BE(4 + body.length, 1);
  assert.throws(() => new Recorder(1).take(Buffer.concat([head, body])), /no such slot/);
});
