import assert from 'node:assert/strict';
import test from 'node:test';
import { HashKind, hashPartition, positionPartition, turnPartition } from '../../../engine/dispatch/partition.ts';
import { partitionVectors } from '../../support/partition-vectors.ts';

test('text goes to the partition that Kafka and Maxwell choose, by each of their hashes', () => {
  const vectors = partitionVectors();
  assert.equal(vectors.length, 56);
  const columns = { murmur2: 'kafka_murmur2', murmur3: 'mx_murmur3', default: 'mx_default' } as const;
  for (const { text, cell } of vectors) {
    const bytes = Buffer.from(`>${text}<`);
    for (const [hash, column] of Object.entries(columns)) {
      for (const n of [3, 4, 12, 16]) {
        const partition = hashPartition(HashKind[hash as keyof typeof columns], bytes, 1, bytes.length - 1, n);
        assert.equal(partition, cell(`${column}_${n}`), `${text} by ${hash} of ${n}`);
        assert.ok(!Object.is(partition, -0));
      }
    }
  }
});

test("a key goes to the partition that Kafka Streams' tests note for three partitions", () => {
  const expected = [2, 0, 2, 2, 1, 0, 1, 0, 0, 2];
  for (const [digit, partition] of expected.entries()) {
    assert.equal(hashPartition(HashKind.murmur2, Buffer.from(String(digit)), 0, 1, 3), partition);
  }
});

test('rows without a key spread over all partitions by their place, the same at each reading', () => {
  const counts = Array.from({ length: 7 }, () => 0);
  for (let row = 0; row < 7_000; row++) {
    const partition = positionPartition(0x16, (0xb374d848 + row * 56) | 0, row % 10, 7);
    assert.equal(positionPartition(0x16, (0xb374d848 + row * 56) | 0, row % 10, 7), partition);
    counts[partition]!++;
  }
  for (const count of counts) assert.ok(count > 800 && count < 1_200, `uneven: ${counts.join(' ')}`);
});

test('rows of one LSN are told apart by their index in the transaction', () => {
  const partitions = new Set(Array.from({ length: 50 }, (_, row) => positionPartition(0, 0x17a6310, row, 12)));
  assert.ok(partitions.size > 8);
});

test('rows go round over the partitions, within a transaction and from one to the next', () => {
  const round = (xid: number, rows: number) => Array.from({ length: rows }, (_, row) => turnPartition(xid, row, 4));
  assert.deepEqual(round(8, 6), [0, 1, 2, 3, 0, 1]);
  assert.deepEqual([...round(8, 1), ...round(9, 1), ...round(10, 1), ...round(11, 1), ...round(12, 1)], [0, 1, 2, 3, 0]);
  assert.deepEqual(round(-1, 2), [3, 0], 'an xid above 2^31');
});
