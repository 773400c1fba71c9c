import assert from 'node:assert/strict';
import test from 'node:test';
import { zoneOf } from '../../../engine/change/time/zone-id.ts';
import type { TableSchema } from '../../../engine/change/table-schema.ts';
import type { EncoderOptions } from '../../../engine/encode/encoder.ts';
import { createEncoder } from '../../../engine/encode/formats.ts';
import { MillraceError } from '../../../engine/base/errors.ts';
import { PushClock } from '../../../engine/encode/push-clock.ts';
import { KV_JSON, MAXWELL, PLAIN_TIMES } from '../../support/formats.ts';
import { arrayOf } from '../../support/json-value.ts';
import { type NativeValue, NativeRows } from '../../support/native-rows.ts';
import { ROW_TEXTS } from './row-texts.ts';
import { type ImageValue, rowRecord, tableSchema, type TestColumn, type TestRow, UNCHANGED } from '../../support/rows.ts';

/** Stands still, so that both write the same time. */
let nowMs = 1_757_417_323_484.6;
const STOPPED = new PushClock(
  () => nowMs,
  () => nowMs,
);

/** What encoder and native code make of one row; `refused` when the encoder throws. */
function bothWays(
  options: EncoderOptions,
  columns: readonly TestColumn[],
  key: readonly string[],
  row: TestRow,
  rest: Partial<TableSchema> = {},
) {
  const schema = tableSchema(columns, key, rest);
  const encoder = createEncoder(options, STOPPED);
  const native = new NativeRows(65_536);
  native.add(schema.id, encoder.schema({ schema, tableName: 't' }));
  const record = rowRecord(row);
  const out = new Uint8Array(65_536);
  let byEncoder: Buffer | null | 'refused';
  try {
    const end = encoder.encode(record.bytes, record.words, record.record, out, 0);
    byEncoder = end < 0 ? null : Buffer.from(out.subarray(0, end));
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    byEncoder = 'refused';
  }
  return { byEncoder, byNative: native.encode(record, 0, STOPPED.micros()) };
}

function assertSame(byEncoder: Buffer | null | 'refused', byNative: NativeValue, what: string): void {
  assert.equal(byNative?.toString('latin1'), byEncoder?.toString('latin1'), what);
}

for (const { kind, good, bad, valueForm } of ROW_TEXTS) {
  test(`native code writes ${kind} (${valueForm}) as the encoders do, and leaves to them what they refuse`, () => {
    const columns: readonly TestColumn[] = [
      { name: 'a', kind },
      { name: 'b', kind },
    ];
    for (const options of [MAXWELL, KV_JSON, { ...MAXWELL, zeroDates: 'null' } as const]) {
      for (const text of good) {
        const { byEncoder, byNative } = bothWays(options, columns, ['a'], { operation: 'insert', new: [text, text] }, { valueForm });
        assertSame(byEncoder, byNative, String(text));
      }
      for (const text of bad) {
        const { byEncoder, byNative } = bothWays(options, columns, [], { operation: 'insert', new: [good[0]!, text] }, { valueForm });
        assert.deepEqual([byEncoder, byNative], ['refused', 'unusual'], Buffer.from(text as Uint8Array).toString('hex'));
      }
    }
  });
}

const COLUMNS: readonly TestColumn[] = [
  { name: 'id', kind: 'int' },
  { name: 'first_name', kind: 'text' },
  { name: 'na"me', kind: 'text' },
  { name: 'at', kind: 'timestamptz' },
];
const OLD = ['1', 'old', null, '2025-09-09 11:28:43+00'];
const NEW = ['2', 'new', 'x', '2025-09-09 11:28:43+00'];
const KEY_OLD = ['1', null, null, null];
const ROWS: readonly TestRow[] = [
  { operation: 'insert', new: NEW },
  { operation: 'insert', new: NEW, snapshot: true },
  { operation: 'update', new: NEW },
  { operation: 'update', new: ['2', UNCHANGED, null, NEW[3]!] },
  { operation: 'update', oldImage: 'key', old: KEY_OLD, new: NEW },
  { operation: 'update', oldImage: 'key', old: KEY_OLD, new: ['2', UNCHANGED, null, NEW[3]!] },
  { operation: 'update', oldImage: 'full', old: OLD, new: NEW },
  { operation: 'update', oldImage: 'full', old: OLD, new: OLD },
  { operation: 'update', oldImage: 'full', old: OLD, new: ['2', UNCHANGED, UNCHANGED, NEW[3]!] },
  { operation: 'update', oldImage: 'full', old: ['1', UNCHANGED, null, NEW[3]!], new: NEW },
  { operation: 'delete', oldImage: 'key', old: KEY_OLD },
  { operation: 'delete', oldImage: 'full', old: OLD },
];
const PLACES: readonly Partial<TestRow>[] = [
  { xid: 7, xoffset: 3, commitMicros: 1_757_417_323_484_600n, lsn: 0x16b374d848n },
  { xid: -1, xoffset: 0, commitMicros: -1n, lsn: 0xffff_ffff_ffff_ffffn, commit: true, key: '{"id":2}' },
  { xid: 0, commitMicros: 0n, lsn: 1n, commit: true, key: '' },
];
const NEW_YORK = { ...PLAIN_TIMES, zone: zoneOf('America/New_York')! };

test('every kind of row is native under every option, but for other zones', () => {
  const shared = [{}, { nulls: false }, { excludeColumns: ['id', '/first.*/'] }, { excludeColumns: ['/.*/'] }];
  const maxwell = (['key', 'changed', 'full'] as const).flatMap((old) => [
    { old },
    { old, primaryKey: false, commitInfo: false, naming: 'underscore_to_camelcase' as const },
    {
      old,
      primaryKeyColumns: true,
      xoffset: true,
      position: 'lsn' as const,
      serverId: 4_294_967_295,
      threadId: 'zero' as const,
      schemaId: true,
    },
    { old, position: 'decimal' as const, pushTimestamp: true },
  ]);
  const all: EncoderOptions[] = shared.flatMap((rows) => [
    ...maxwell.map((options) => ({ ...MAXWELL, ...rows, ...options })),
    ...(['tombstone', 'key'] as const).map((deletes) => ({ ...KV_JSON, ...rows, deletes })),
  ]);
  let compared = 0;
  for (const options of all) {
    for (const key of [['id'], ['na"me', 'id'], []]) {
      for (const row of ROWS.flatMap((given) => PLACES.map((place) => ({ ...given, ...place })))) {
        const { byEncoder, byNative } = bothWays(options, COLUMNS, key, row);
        // The key's column is null in the image: refused, or a row that only the encoder can judge.
        if (byEncoder === 'refused') assert.equal(byNative, 'unusual');
        else assertSame(byEncoder, byNative, JSON.stringify({ options, key, operation: row.operation, oldImage: row.oldImage }));
        if (byEncoder !== 'refused') compared++;
      }
    }
  }
  assert.ok(compared > 5_000, `${compared} rows`);
  for (const options of [
    { ...MAXWELL, times: NEW_YORK },
    { ...KV_JSON, times: NEW_YORK },
  ]) {
    const { byEncoder, byNative } = bothWays(options, COLUMNS, ['id'], ROWS[0]!);
    assert.ok(byEncoder instanceof Buffer);
    assert.equal(byNative, 'unusual');
  }
});

test('places in a log of files are the same', () => {
  for (const lsn of [1n, (6n << 40n) | 800_911n, (1_000_000n << 40n) | 0xff_ffff_ffffn, 0xffff_ffff_ffff_ffffn]) {
    const row: TestRow = { operation: 'insert', new: NEW, lsn, xid: 0x7fff_ffff_ffff_ffffn };
    const options = { ...MAXWELL, position: 'lsn' } as const;
    const { byEncoder, byNative } = bothWays(options, COLUMNS, ['id'], row, { logName: 'mysql-bin' });
    assertSame(byEncoder, byNative, String(lsn));
    assert.match(String(byNative), /"xid":9223372036854775807,"position":"mysql-bin\.\d{6,}:\d+",/);
  }
});

test("rows that say who made them are the encoder's", () => {
  for (const origin of [{ gtid: true }, { serverId: 'origin' }, { threadId: 'origin' }] as const) {
    const { byEncoder, byNative } = bothWays({ ...MAXWELL, ...origin }, COLUMNS, ['id'], { operation: 'insert', new: NEW });
    assert.ok(byEncoder instanceof Buffer);
    assert.equal(byNative, 'unusual');
  }
});

test('push_ts has the same digits', () => {
  for (const micros of [484_600, 0, 1, 10, 100, 9, 12, 120, 101, 1_000, 100_000, 123_456, 999_999, -1, -999_999_999]) {
    nowMs = 1_757_417_323_000 + micros / 1_000;
    const options = { ...MAXWELL, pushTimestamp: true };
    const { byEncoder, byNative } = bothWays(options, COLUMNS, ['id'], { operation: 'insert', new: NEW });
    assertSame(byEncoder, byNative, String(micros));
    assert.match(String(byNative), /"push_ts":\d+\.\d+,/);
  }
});

test('a value of a form that is not native leaves the row to the encoder, its null does not', () => {
  const columns: readonly TestColumn[] = [
    { name: 'id', kind: 'int' },
    { name: 'tags', ...arrayOf('text') },
    { name: 'bin', kind: 'bytes' },
  ];
  const values = (tags: ImageValue, bin: ImageValue): NativeValue =>
    bothWays(MAXWELL, columns, ['id'], { operation: 'insert', new: ['1', tags, bin] }).byNative;
  assert.equal(values('{a}', null), 'unusual');
  assert.equal(values(null, '\\x00'), 'unusual');
  assert.ok(values(null, null) instanceof Buffer);
});

test("a date that may be null is the encoder's where nulls are left out", () => {
  const columns: readonly TestColumn[] = [
    { name: 'id', kind: 'int' },
    { name: 'day', kind: 'date' },
  ];
  const written = (nulls: boolean, day: string) =>
    bothWays(
      { ...KV_JSON, zeroDates: 'null', nulls },
      columns,
      ['id'],
      { operation: 'insert', new: ['1', day] },
      { valueForm: 'declared' },
    );
  const zero = written(true, '0000-00-00');
  assertSame(zero.byEncoder, zero.byNative, 'null');
  assert.equal(String(zero.byNative), '{"id":1,"day":null}');
  const { byEncoder, byNative } = written(false, '0000-00-00');
  assert.deepEqual([String(byEncoder), byNative], ['{"id":1}', 'unusual']);
});
