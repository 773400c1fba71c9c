import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteView } from '../../../../../engine/base/byte-view.ts';
import { TextScratch } from '../../../../../engine/source/mysql/rows/text-scratch.ts';

test('grows with what is written, and starts anew with each value', () => {
  const scratch = new TextScratch();
  const output = new ByteView(new Uint8Array(4_000_000));
  for (const length of [3, 70_000, 3_000_000, 2]) {
    scratch.clear();
    for (let i = 0; i < length; i++) scratch.byte(0x61 + (i % 26));
    scratch.ascii('end');
    const end = scratch.copyTo(output, 5);
    assert.equal(end, 5 + length + 3);
    assert.equal(Buffer.from(output.bytes.subarray(5, 8)).toString(), length === 2 ? 'abe' : 'abc');
    assert.equal(Buffer.from(output.bytes.subarray(end - 3, end)).toString(), 'end');
  }
});

test('an output without room is said, and nothing is written to it', () => {
  const scratch = new TextScratch();
  scratch.ascii('four');
  const output = new ByteView(new Uint8Array(5));
  assert.equal(scratch.copyTo(output, 2), -1);
  assert.deepEqual(Buffer.from(output.bytes), Buffer.alloc(5));
  scratch.clear();
  scratch.ascii('one');
  assert.equal(scratch.copyTo(output, 2), 5);
});
