import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { MillraceError } from '../../engine/base/errors.ts';
import { loadCopies } from '../../engine/checkpoint/copies.ts';
import { decodeRecord, encodeRecord, type CheckpointRecord } from '../../engine/checkpoint/record.ts';
import { encodeOwner } from '../../engine/checkpoint/owner.ts';
import { TopicLog } from '../../engine/checkpoint/topic-log.ts';
import { MemoryTopic } from '../engine/checkpoint/memory-topic.ts';
import { sampleRecord } from '../engine/checkpoint/sample.ts';
import { tempDir } from '../support/temp.ts';

const RECORD = sampleRecord('16/B374D848');
const BYTES = encodeRecord(RECORD);

/** Damage as disks, editors and enemies do it: cut, flipped, overwritten, spliced, zeroed, or nothing of ours at all. */
const place = fc.nat(BYTES.length);
const damagedBytes: fc.Arbitrary<Buffer> = fc.oneof(
  place.map((length) => BYTES.subarray(0, length)),
  fc.array(fc.tuple(fc.nat(BYTES.length - 1), fc.nat(255)), { maxLength: 20 }).map((edits) => {
    const copy = Buffer.from(BYTES);
    for (const [index, byte] of edits) copy[index] = byte;
    return copy;
  }),
  fc.tuple(place, place).map(([from, to]) => Buffer.concat([BYTES.subarray(0, from), BYTES.subarray(to)])),
  fc.tuple(place, place).map(([from, to]) => Buffer.from(BYTES).fill(0, Math.min(from, to), Math.max(from, to))),
  fc.tuple(place, fc.uint8Array({ maxLength: 4096 })).map(([at, more]) => Buffer.concat([BYTES.subarray(0, at), more, BYTES.subarray(at)])),
  fc.uint8Array({ maxLength: 4096 }).map((bytes) => Buffer.from(bytes)),
  fc.json().map((json) => Buffer.from(`millrace-checkpoint 1 ${'0'.repeat(64)}\n${json}`)),
);

/** Either the record as it was written or a refusal by name; nothing in between. */
function assertWholeOrRefused(bytes: Buffer): void {
  let record: CheckpointRecord;
  try {
    record = decodeRecord(bytes, 'f');
  } catch (error) {
    assert.ok(error instanceof MillraceError, String(error));
    assert.ok(error.code === 'STATE_CORRUPT' || error.code === 'STATE_VERSION', error.code);
    return;
  }
  assert.deepEqual(record, RECORD);
}

test('a damaged state file is a named error, never a crash and never another position', () => {
  fc.assert(fc.property(damagedBytes, assertWholeOrRefused), { numRuns: 5000 });
});

test('with one copy damaged anyhow, the other one counts', async (t) => {
  const directory = join(tempDir(t), 'shop');
  mkdirSync(directory);
  const copies = fc.constantFrom(['checkpoint', 'checkpoint.mirror'] as const, ['checkpoint.mirror', 'checkpoint'] as const);
  await fc.assert(
    fc.asyncProperty(damagedBytes, copies, async (bytes, [damaged, whole]) => {
      writeFileSync(join(directory, damaged), bytes);
      writeFileSync(join(directory, whole), BYTES);
      const { record } = await loadCopies(directory, 'shop');
      assert.deepEqual(record, RECORD);
    }),
    { numRuns: 300 },
  );
});

test('among records of a topic that are damaged anyhow, the whole one counts, and an owner is one as it was written', async () => {
  const owner = { generation: 4, beat: 1, host: 'db-1', pid: 4711, since: '2026-03-01T12:00:00.000Z', directory: 'b3c1' };
  const written = encodeOwner(owner);
  const anyOwner = fc.oneof(
    fc.string(),
    fc.json(),
    fc.nat(written.length).map((length) => written.slice(0, length)),
  );
  const entries = fc.array(
    fc.oneof(fc.tuple(fc.constant('shop'), damagedBytes.map(String)), fc.tuple(fc.constant('shop/owner'), anyOwner)),
  );
  await fc.assert(
    fc.asyncProperty(entries, entries, async (before, after) => {
      const topic = new MemoryTopic();
      for (const [key, value] of [...before, ['shop', BYTES.toString()], ['shop/owner', written], ...after] as const) topic.add(key, value);
      const log = new TopicLog(topic, 'shop');
      await log.read('committed');
      assert.deepEqual([log.record, log.owner], [RECORD, owner]);
    }),
    { numRuns: 500 },
  );
});
