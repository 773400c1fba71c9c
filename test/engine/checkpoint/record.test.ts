import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeRecord, encodeRecord, RECORD_VERSION } from '../../../engine/checkpoint/record.ts';
import { projectRoot } from '../../support/paths.ts';
import { READS, sampleBinlog, sampleRecord, SCHEMAS, SNAPSHOT } from './sample.ts';

const BINLOG = sampleRecord('', sampleBinlog());
const NEWEST = sampleRecord('16/B374D848', { schemas: SCHEMAS, snapshot: SNAPSHOT, reads: READS });

/** A file with a right checksum over whatever stands in it. */
function signed(version: number, body: string): Buffer {
  const sum = createHash('sha256').update(`millrace-checkpoint ${version}\n`).update(body).digest('hex');
  return Buffer.from(`millrace-checkpoint ${version} ${sum}\n${body}`);
}

function fixture(version: number): Buffer {
  return readFileSync(join(projectRoot, `test/fixtures/checkpoint/v${version}`));
}

test('a record is read back as it was written', () => {
  for (const record of [sampleRecord('16/B374D848'), sampleRecord('0/0', { position: null }), BINLOG]) {
    assert.deepEqual(decodeRecord(encodeRecord(record), 'f'), record);
  }
});

test('every version that was ever written is read', () => {
  const source = { ...NEWEST.source, snapshotLsn: null };
  assert.deepEqual(decodeRecord(fixture(1), 'f'), sampleRecord('16/B374D848', { source }));
  assert.deepEqual(decodeRecord(fixture(2), 'f'), sampleRecord('16/B374D848', { source, schemas: SCHEMAS }));
  assert.deepEqual(decodeRecord(fixture(3), 'f'), { ...NEWEST, source, reads: [] });
  assert.deepEqual(decodeRecord(fixture(4), 'f'), { ...NEWEST, reads: [] });
  const reads = NEWEST.reads.map((read) => ({ ...read, comment: null, mark: null }));
  assert.deepEqual(decodeRecord(fixture(5), 'f'), { ...NEWEST, reads });
  assert.deepEqual(decodeRecord(fixture(6), 'f'), NEWEST);
  assert.deepEqual(decodeRecord(fixture(7), 'f'), BINLOG);
});

test('each kind of source is still written as its fixture says: that of PostgreSQL in the form that older ones read', () => {
  assert.equal(encodeRecord(NEWEST).toString(), fixture(6).toString());
  assert.equal(encodeRecord(BINLOG).toString(), fixture(RECORD_VERSION).toString());
});

test('a change of any single bit is noticed', () => {
  const bytes = encodeRecord(sampleRecord('16/B374D848'));
  for (let index = 0; index < bytes.length; index++) {
    for (let bit = 0; bit < 8; bit++) {
      bytes[index] = bytes[index]! ^ (1 << bit);
      assert.throws(() => decodeRecord(bytes, 'f'), { code: 'STATE_CORRUPT' }, `byte ${index}, bit ${bit}`);
      bytes[index] = bytes[index]! ^ (1 << bit);
    }
  }
});

test('a file cut off anywhere, and a longer one, is noticed', () => {
  const bytes = encodeRecord(sampleRecord('16/B374D848'));
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => decodeRecord(bytes.subarray(0, length), 'f'), { code: 'STATE_CORRUPT' }, `${length} bytes`);
  }
  assert.throws(() => decodeRecord(Buffer.concat([bytes, Buffer.from('\n')]), 'f'), { code: 'STATE_CORRUPT' });
});

test('a newer form is not called corrupt', () => {
  const bytes = signed(RECORD_VERSION + 1, '{}\n');
  assert.throws(() => decodeRecord(bytes, '/state/checkpoint'), {
    code: 'STATE_VERSION',
    message: '/state/checkpoint has form 8; this Millrace reads forms 1 to 7. Run the newer Millrace that wrote it.',
  });
});

test('a right checksum over a wrong body is not trusted, and says why', () => {
  const wrong = { ...sampleRecord('0/1'), rowsDelivered: 12 };
  assert.throws(() => decodeRecord(signed(1, JSON.stringify(wrong)), '/state/checkpoint'), {
    code: 'STATE_CORRUPT',
    message: '/state/checkpoint cannot be trusted: its field "rowsDelivered" is missing or malformed.',
  });
});
