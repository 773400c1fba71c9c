import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RECORD_VERSION } from '../../../engine/checkpoint/record.ts';
import { readBody } from '../../../engine/checkpoint/record-shape.ts';
import { READS, sampleRecord, SCHEMAS, SNAPSHOT } from './sample.ts';

const GOOD = sampleRecord('0/1', { schemas: SCHEMAS, snapshot: SNAPSHOT, reads: READS });

function read(change: object, version = RECORD_VERSION): unknown {
  return readBody(JSON.stringify({ ...GOOD, ...change }), version);
}

/** Each of the values is refused in the field's place. */
function assertRefused(field: keyof typeof GOOD, values: readonly unknown[]): void {
  for (const value of values) assert.equal(read({ [field]: value }), `its field "${field}" is missing or malformed`, JSON.stringify(value));
}

test('a body is read, and what does not belong to it is left behind', () => {
  assert.deepEqual(read({}), GOOD);
  assert.deepEqual(readBody(JSON.stringify(GOOD).replace('{', '{"later":1,"__proto__":{"x":1},'), RECORD_VERSION), GOOD);
  const reset = { systemIdentifier: null, timeline: null, snapshotLsn: null, database: null, publicationOid: null };
  const record = { ...GOOD, position: null, snapshot: null, source: { ...GOOD.source, ...reset, claim: 'none' } };
  assert.deepEqual(read(record), record);
});

test('an older form lacks what came after it, whatever stands there', () => {
  const source = { ...GOOD.source, snapshotLsn: null };
  assert.deepEqual(read({ schemas: 'x', snapshot: 1, reads: 1 }, 1), { ...GOOD, source, schemas: {}, snapshot: null, reads: [] });
  assert.deepEqual(read({ snapshot: 1 }, 2), { ...GOOD, source, snapshot: null, reads: [] });
  assert.deepEqual(read({}, 3), { ...GOOD, source, reads: [] });
  assert.deepEqual(read({}, 4), { ...GOOD, reads: [] });
  assert.deepEqual(read({}, 5), { ...GOOD, reads: GOOD.reads.map((one) => ({ ...one, comment: null, mark: null })) });
  assert.equal(read({ source: null }, 3), 'its field "source" is missing or malformed');
});

test('each wrong field is named', () => {
  const { source } = GOOD;
  const wrongPart = (lsn: string) => ({ kind: 'postgres', parts: [{ connection: 's', lsn }] });
  const noPosition = [{ kind: 'mysql', parts: [{ connection: 's', lsn: '0/1' }] }, { kind: 'postgres', parts: [] }, 'null'];
  assertRefused('position', [wrongPart('0/xyz'), wrongPart('0/123456789'), ...noPosition]);
  assertRefused('source', [
    { ...source, claim: 'found' },
    { ...source, systemIdentifier: 73 },
    { ...source, publicationOid: -1 },
    { ...source, snapshotLsn: '1' },
  ]);
  assertRefused('topics', [{ shop: 0 }, []]);
  assertRefused('rowsDelivered', ['-1', '01', 12]);
  assertRefused('generation', [1.5]);
  assertRefused('sequence', [1e300]);
  assertRefused('tables', [['public.orders', 1]]);
  assertRefused('changefeed', ['']);
  assertRefused('schemas', [null, [], { digest: '1' }, { digest: -1 }]);
  for (const field of Object.keys(GOOD) as (keyof typeof GOOD)[]) assertRefused(field, [undefined]);
});

test('reads that are none are refused', () => {
  const [first, ...others] = READS;
  const wrong: readonly object[] = [
    { state: 'paused' },
    { mark: 'begin' },
    { comment: 1 },
    { moved: [{ key: [1], xid: 1 }] },
    { joins: 1 },
    { chunks: -1 },
    { error: { code: '' } },
    { progress: [] },
  ];
  assertRefused('reads', [null, {}, ...wrong.map((change) => [{ ...first!, ...change }, ...others])]);
});

test('a snapshot that is not one is refused', () => {
  const [first, second] = SNAPSHOT.tables;
  const [part] = second!.parts;
  const wrongParts = [{ key: [1] }, { cuts: ['1'] }, { cuts: [[1]] }, { done: '0-' }, { done: 'all' }, { rows: '' }, { oid: -1 }];
  assertRefused('snapshot', [
    [],
    { ...SNAPSHOT, mode: 'INCREMENTAL' },
    { ...SNAPSHOT, finishedAt: 0 },
    { ...SNAPSHOT, tables: [{ ...first, rows: 12 }] },
    ...wrongParts.map((change) => ({ ...SNAPSHOT, tables: [{ ...second, parts: [{ ...part, ...change }] }] })),
  ]);
});

test('what is no record at all is said to be so', () => {
  assert.equal(readBody('{', RECORD_VERSION), 'its body is not JSON');
  for (const body of ['[]', 'null', '"x"', '1']) assert.equal(readBody(body, RECORD_VERSION), 'its body is not a JSON object', body);
});
