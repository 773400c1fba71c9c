import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRecordV2 } from '../../../engine/checkpoint/record-v2.ts';
import { sampleRecord, SCHEMAS } from './sample.ts';

const GOOD = sampleRecord('0/1', { schemas: SCHEMAS });

test('a body is read with the versions of its tables', () => {
  assert.deepEqual(readRecordV2(JSON.stringify(GOOD)), GOOD);
});

test('what are no versions is refused', () => {
  for (const schemas of [undefined, null, [], { digest: '1' }, { digest: -1 }]) {
    assert.equal(
      readRecordV2(JSON.stringify({ ...GOOD, schemas })),
      'its field "schemas" is missing or malformed',
      JSON.stringify(schemas),
    );
  }
});
