import assert from 'node:assert/strict';
import test from 'node:test';
import { murmur3 } from '../../../../engine/base/hash/murmur3.ts';
import { partitionVectors } from '../../../support/partition-vectors.ts';

test("text has the hash of Maxwell's own seed", () => {
  for (const { text, cell } of partitionVectors()) {
    const bytes = Buffer.from(`>${text}<`);
    assert.equal(murmur3(bytes, 1, bytes.length - 1, 25_342), cell('murmur3_32_seed25342'), text);
  }
});

test('the values that the algorithm is known by', () => {
  const of = (text: string, seed: number) => murmur3(Buffer.from(text), 0, Buffer.byteLength(text), seed) >>> 0;
  assert.deepEqual([of('', 0), of('', 1), of('test', 0), of('Hello, world!', 0)], [0, 0x514e28b7, 0xba6bd213, 0xc0363e43]);
});
