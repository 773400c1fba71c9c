import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { murmur2 } from '../../../engine/base/hash/murmur2.ts';
import { keyPartition, positionPartition } from '../../../engine/dispatch/partition.ts';
import { projectRoot } from '../../support/paths.ts';

interface Vector {
  readonly text: string;
  readonly hash: number;
  readonly partitions: ReadonlyMap<number, number>;
}

function vectors(): Vector[] {
  const [head, ...lines] = readFileSync(join(projectRoot, 'test/vectors/maxwell/partition-vectors.tsv'), 'utf8').trimEnd().split('\n');
  const names = head!.split('\t');
  return lines.map((line) => {
    const cells = line.split('\t');
    const cell = (name: string) => Number(cells[names.indexOf(name)]);
    const partitions = [3, 4, 12, 16].map((n) => [n, cell(`kafka_murmur2_${n}`)] as const);
    return { text: cells[0]!, hash: cell('kafka_murmur2'), partitions: new Map(partitions) };
  });
}

test("a key goes to the partition that Kafka's Java producer chooses", () => {
  const all = vectors();
  assert.equal(all.length, 56);
  for (const { text, hash, partitions } of all) {
    const bytes = Buffer.from(text);
    assert.equal(murmur2(bytes, 0, bytes.length), hash, text);
    for (const [n, expected] of partitions) assert.equal(keyPartition(bytes, 0, bytes.length, n), expected, `${text} of ${n}`);
  }
});

test("a key goes to the partition that Kafka Streams' tests note for three partitions", () => {
  const expected = [2, 0, 2, 2, 1, 0, 1, 0, 0, 2];
  for (const [digit, partition] of expected.entries()) assert.equal(keyPartition(Buffer.from(String(digit)), 0, 1, 3), partition);
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
