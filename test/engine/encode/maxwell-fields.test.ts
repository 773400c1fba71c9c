import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteView } from '../../../engine/base/byte-view.ts';
import type { MaxwellOptions } from '../../../engine/encode/encoder.ts';
import { MaxwellOrigin } from '../../../engine/encode/maxwell-origin.ts';
import { MaxwellFields } from '../../../engine/encode/maxwell-fields.ts';
import { PushClock } from '../../../engine/encode/push-clock.ts';
import { RowRecord } from '../../../engine/encode/row-record.ts';
import { MAXWELL } from '../../support/formats.ts';
import { rowRecord, tableSchema, type TestRow } from '../../support/rows.ts';

const SCHEMA = tableSchema([{ name: 'id', kind: 'int' }], ['id'], { version: 17 });
const IN_FILES = tableSchema([{ name: 'id', kind: 'int' }], ['id'], { version: 17, logName: 'mysql-bin' });

const CLOCK = new PushClock(
  () => 1_757_417_323_484,
  () => 0,
);
const ALL: Partial<MaxwellOptions> = {
  xoffset: true,
  position: 'lsn',
  serverId: 23_042,
  threadId: 'zero',
  schemaId: true,
  pushTimestamp: true,
};

function fields(given: Partial<MaxwellOptions>, row: Partial<TestRow> = {}, schema = SCHEMA): string {
  const options = { ...MAXWELL, ...given };
  const origin = new MaxwellOrigin(options);
  origin.set('0-1-5', 1, 0);
  const maker = new MaxwellFields(schema, options, CLOCK, origin);
  const { bytes, words, record } = rowRecord({ operation: 'insert', new: ['1'], xoffset: 4_000_000, lsn: 0x16_b374_d848n, ...row }, 8);
  const cursor = new RowRecord();
  cursor.read(bytes, words, record);
  const output = new ByteView(new Uint8Array(1 + maker.lengthMax + origin.lengthMax));
  return Buffer.from(output.bytes.subarray(1, maker.write(cursor, output, 1))).toString();
}

test('each field is there when it is asked for, in the order of Maxwell', () => {
  assert.equal(fields({}), '');
  assert.equal(fields({}, { commit: true }), ',"commit":true');
  assert.equal(fields({ xoffset: true }), ',"xoffset":4000000');
  assert.equal(fields({ position: 'lsn' }), ',"position":"16/B374D848"');
  assert.equal(fields({ position: 'decimal' }), ',"position":"97500059720"');
  assert.equal(fields({ serverId: 4_294_967_295 }), ',"server_id":4294967295');
  assert.equal(fields({ threadId: 'zero' }), ',"thread_id":0');
  assert.equal(fields({ schemaId: true }), ',"schema_id":17');
  assert.equal(fields({ pushTimestamp: true }), ',"push_ts":1757417323.484');
  const rest = ',"position":"16/B374D848","server_id":23042,"thread_id":0,"schema_id":17,"push_ts":1757417323.484';
  assert.equal(fields(ALL), `,"xoffset":4000000${rest}`);
  assert.equal(fields(ALL, { commit: true }), `,"commit":true${rest}`);
  assert.equal(fields({ ...ALL, commitInfo: false }), rest);
  assert.equal(fields({ ...ALL, commitInfo: false }, { commit: true }), rest);
});

test('a position is written as PostgreSQL writes it, and without loss in decimal', () => {
  for (const [lsn, hex] of [
    [1n, '0/1'],
    [0x1_0000_0000n, '1/0'],
    [0xffff_ffff_ffff_ffffn, 'FFFFFFFF/FFFFFFFF'],
    [0x8000_0000_0abc_def0n, '80000000/ABCDEF0'],
  ] as const) {
    assert.equal(fields({ position: 'lsn' }, { lsn }), `,"position":"${hex}"`);
    assert.equal(fields({ position: 'decimal' }, { lsn }), `,"position":"${lsn}"`);
  }
});

test('a row of a snapshot has nothing of a transaction, and a position only if it has one', () => {
  const ids = ',"server_id":23042,"thread_id":0,"schema_id":17,"push_ts":1757417323.484';
  assert.equal(fields(ALL, { snapshot: true, lsn: 0n }), ids);
  assert.equal(fields(ALL, { snapshot: true }), `,"position":"16/B374D848"${ids}`);
});

test('names follow the strategy', () => {
  assert.equal(
    fields({ ...ALL, naming: 'underscore_to_camelcase' }),
    ',"xoffset":4000000,"position":"16/B374D848","serverId":23042,"threadId":0,"schemaId":17,"pushTs":1757417323.484',
  );
});

test('a position in a log of files is file and offset, whatever form of LSN is asked for', () => {
  const at = (file: bigint, offset: bigint) => ({ lsn: (file << 40n) | offset });
  for (const [file, offset, text] of [
    [6n, 800_911n, 'mysql-bin.000006:800911'],
    [123n, 4n, 'mysql-bin.000123:4'],
    [999_999n, 0xff_ffff_ffffn, 'mysql-bin.999999:1099511627775'],
    [1_000_000n, 4_294_967_296n, 'mysql-bin.1000000:4294967296'],
  ] as const) {
    for (const position of ['lsn', 'decimal'] as const)
      assert.equal(fields({ position }, at(file, offset), IN_FILES), `,"position":"${text}"`);
  }
  assert.equal(fields({}, at(6n, 4n), IN_FILES), '');
});

test('who made a transaction stands before the version of the schema, but in rows of a snapshot', () => {
  const options = { gtid: true, serverId: 'origin', schemaId: true } as const;
  assert.equal(fields(options, {}, IN_FILES), ',"gtid":"0-1-5","server_id":1,"schema_id":17');
  assert.equal(fields(options, { snapshot: true }, IN_FILES), ',"schema_id":17');
});
