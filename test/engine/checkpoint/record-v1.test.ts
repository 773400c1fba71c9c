import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRecordV1 } from '../../../engine/checkpoint/record-v1.ts';
import { sampleRecord } from './sample.ts';

const GOOD = sampleRecord('0/1');

test('a body is read, and what does not belong to the form is left behind', () => {
  assert.deepEqual(readRecordV1(JSON.stringify(GOOD)), GOOD);
  assert.deepEqual(readRecordV1(JSON.stringify({ ...GOOD, later: 1, __proto__: { x: 1 } })), GOOD);
  const reset = { systemIdentifier: null, timeline: null, database: null, publicationOid: null };
  const record = { ...GOOD, position: null, source: { ...GOOD.source, ...reset, claim: 'none' } };
  assert.deepEqual(readRecordV1(JSON.stringify(record)), record);
});

test('each wrong field is named', () => {
  const wrongs: [string, unknown][] = [
    ['position', { kind: 'postgres', parts: [{ connection: 's', lsn: '0/xyz' }] }],
    ['position', { kind: 'postgres', parts: [{ connection: 's', lsn: '0/123456789' }] }],
    ['position', { kind: 'mysql', parts: [{ connection: 's', lsn: '0/1' }] }],
    ['position', { kind: 'postgres', parts: [] }],
    ['position', 'null'],
    ['source', { ...GOOD.source, claim: 'found' }],
    ['source', { ...GOOD.source, systemIdentifier: 73 }],
    ['source', { ...GOOD.source, publicationOid: -1 }],
    ['topics', { shop: 0 }],
    ['topics', []],
    ['rowsDelivered', '-1'],
    ['rowsDelivered', '01'],
    ['rowsDelivered', 12],
    ['generation', 1.5],
    ['sequence', 1e300],
    ['tables', ['public.orders', 1]],
    ['changefeed', ''],
  ];
  for (const [field, value] of wrongs) {
    assert.equal(
      readRecordV1(JSON.stringify({ ...GOOD, [field]: value })),
      `its field "${field}" is missing or malformed`,
      JSON.stringify(value),
    );
  }
  for (const field of Object.keys(GOOD).filter((name) => name !== 'schemas' && name !== 'snapshot')) {
    assert.equal(readRecordV1(JSON.stringify({ ...GOOD, [field]: undefined })), `its field "${field}" is missing or malformed`);
  }
});

test('what is no record at all is said to be so', () => {
  assert.equal(readRecordV1('{'), 'its body is not JSON');
  for (const body of ['[]', 'null', '"x"', '1']) assert.equal(readRecordV1(body), 'its body is not a JSON object', body);
});
