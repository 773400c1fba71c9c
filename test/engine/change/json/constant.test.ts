import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteView } from '../../../../engine/base/byte-view.ts';
import { Constant, CONSTANT_SLACK, jsonString, writeConstant } from '../../../../engine/change/json/constant.ts';

test('a constant of any length is written whole, and at most its slack beyond', () => {
  for (let length = 0; length < 40; length++) {
    const bytes = Buffer.from('é"日😁,abcdefghijklmnopqrstuvwxyz0123456789'.slice(0, length));
    const output = new ByteView(new Uint8Array(100).fill(0xee));
    const end = writeConstant(new Constant(bytes), output, 3);
    assert.equal(end, 3 + bytes.length);
    assert.deepEqual(Buffer.from(output.bytes.subarray(3, end)), bytes);
    assert.deepEqual([...output.bytes.subarray(0, 3)], [0xee, 0xee, 0xee]);
    assert.ok(output.bytes.subarray(end + CONSTANT_SLACK).every((byte) => byte === 0xee));
  }
});

test('names are escaped as values are', () => {
  assert.equal(Buffer.from(jsonString('a"b😁é')).toString(), '"a\\"b\\uD83D\\uDE01é"');
  assert.equal(Buffer.from(jsonString('')).toString(), '""');
});
