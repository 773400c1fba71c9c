import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRecordV3 } from '../../../engine/checkpoint/record-v3.ts';
import { sampleRecord, SNAPSHOT } from './sample.ts';

const GOOD = sampleRecord('0/1', { snapshot: SNAPSHOT });

test('a body is read with its snapshot, and without one', () => {
  assert.deepEqual(readRecordV3(JSON.stringify(GOOD)), GOOD);
  assert.deepEqual(readRecordV3(JSON.stringify({ ...GOOD, snapshot: null })), { ...GOOD, snapshot: null });
});

test('a snapshot that is not one is refused', () => {
  const [first, second] = SNAPSHOT.tables;
  const [part] = second!.parts;
  const wrongs: unknown[] = [
    undefined,
    [],
    { ...SNAPSHOT, mode: 'INCREMENTAL' },
    { ...SNAPSHOT, finishedAt: 0 },
    { ...SNAPSHOT, tables: [{ ...first, rows: 12 }] },
    ...[{ key: [1] }, { cuts: ['1'] }, { cuts: [[1]] }, { done: '0-' }, { done: 'all' }, { rows: '' }, { oid: -1 }].map((change) => ({
      ...SNAPSHOT,
      tables: [{ ...second, parts: [{ ...part, ...change }] }],
    })),
  ];
  for (const snapshot of wrongs) {
    assert.equal(
      readRecordV3(JSON.stringify({ ...GOOD, snapshot })),
      'its field "snapshot" is missing or malformed',
      JSON.stringify(snapshot),
    );
  }
});
