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

interface Texts {
  readonly kind: TestColumn['kind'];
  readonly good: readonly (string | Uint8Array)[];
  readonly bad: readonly (string | Uint8Array)[];
}

/** Texts of each kind that native code writes, and such that nobody writes. */
const TEXTS: readonly Texts[] = [
  {
    kind: 'int',
    good: ['0', '7', '-1', '12345678', '-9223372036854775808', '123456789012345678901234567890'],
    bad: ['', '-', '01', '00', '+1', '1 ', '0x1', '１'],
  },
  {
    kind: 'decimal',
    good: ['0', '0.00', '100', '100.00', '1.500', '-0.10', '10.010', '1000000000000.000001', 'NaN', 'Infinity', '-Infinity', '1e+10'],
    bad: ['.5', '5.', '1.2.3', '--1', 'nan', '-NaN', '1e', '1e+'],
  },
  { kind: 'float64', good: ['1e-07', '-1.5E+300', '3.5', '-Infinity'], bad: ['infinity', '1.e5', '1e5.5'] },
  { kind: 'bool', good: ['t', 'f'], bad: ['', 'true', 'T', '1'] },
  {
    kind: 'text',
    good: [
      ...Array.from({ length: 20 }, (_, length) => 'abcdefghijklmnopqrst'.slice(0, length)),
      ...Array.from({ length: 18 }, (_, at) => `${'x'.repeat(at)}"${'y'.repeat(17 - at)}`),
      '\\',
      '\b\t\n\f\r',
      '\u0000\u0001\u001f !#[]~\u007f',
      'é日本',
      '\u0080\u07ff\u0800\ud7ff\ue000\uffff',
      '😁 and 👍🏽',
      'a\n"b"\\c é 😁 and what follows is plain again',
      'x'.repeat(300),
    ],
    bad: [
      [0xff],
      [0xc3],
      [0xc0, 0x80],
      [0xe0, 0x9f, 0xbf],
      [0xed, 0xa0, 0x80],
      [0xf0, 0x8f, 0xbf, 0xbf],
      [0xf4, 0x90, 0x80, 0x80],
      [0xe2, 0x82],
      [0xf0, 0x9f, 0x98],
      [0xf0, 0x9f, 0x98, 0x41],
      [0x61, 0x80, 0x61],
    ].map((bytes) => Uint8Array.from(bytes)),
  },
  {
    kind: 'time',
    good: ['19:28:43', '19:28:43.5', '19:28:43.123456', '24:00:00', '00:00:00.000001'],
    bad: ['', '19:28', '9:28:43', '19:28:43.', '19:28:4x', '19:28:43.1234567', '19:28:43+00'],
  },
  {
    kind: 'datetime',
    good: ['2025-09-09 19:28:43.4846', '294276-12-31 23:59:59.999999', '4713-01-01 00:00:00 BC', 'infinity', '-infinity'],
    bad: ['2025-09-09', 'Infinity', '2025-09-09 19:28:43 AD', ' BC', '2025-09-09 19:28:43.48\n6'],
  },
  {
    kind: 'timestamptz',
    good: ['2025-09-09 11:28:43.4846+00', '0044-03-15 12:00:00+00 BC', 'infinity', '-infinity'],
    bad: ['2025-09-09 11:28:43', '2025-09-09 11:28:43+01', '+00', '2025-09-09 11:28:43 BC'],
  },
  { kind: 'json', good: ['{}', '{"a": [1,  2]}', 'null', '"é"', '1'], bad: [''] },
];

/** The same of values as columns declare them. */
const DECLARED: readonly Texts[] = [
  {
    kind: 'decimal',
    good: ['0', '0.00', '1.50', '-0.000001', '0.0000000', '0.0000000000', '0.0000001', '-0.00000012300', `0.${'0'.repeat(30)}7`],
    bad: ['', '0.', '00.0000000', '0.0000000x'],
  },
  {
    kind: 'date',
    good: ['2015-11-07', '0000-00-00', '2015-00-07', '2015-11-00', '0000-01-01', '2004-04-31'],
    bad: ['', '2015-11-7', '2015-11-07T', 'infinity', '2015x11-07'],
  },
  {
    kind: 'datetime',
    good: ['2015-11-07 01:02:03', '2015-11-07 01:02:03.123456', '2015-11-00 01:02:03.1', '2015-10-10 00:00:00'],
    bad: ['2015-11-07 01:02:03"', '2015-11-07 01:02:03+00'],
  },
  { kind: 'timestamptz', good: ['2015-11-07 01:02:03', '0000-00-00 00:00:00.00'], bad: ['2015-11-07 01:02:03+00'] },
  { kind: 'time', good: ['01:02:03', '-838:59:59.000000', '838:59:59', '00:00:00.1'], bad: [Uint8Array.of(0xff)] },
  { kind: 'year', good: ['0000', '1901', '2155', '0'], bad: ['', '20 5'] },
  { kind: 'bit', good: ['0', '18446744073709551615', '5'], bad: ['', '05', 'x'] },
  { kind: 'set', good: ['', 'a', 'a,b c,d"', ',a', 'a,', 'é😁,b'], bad: [Uint8Array.of(0x61, 0x2c, 0xff)] },
  {
    kind: 'bytes',
    good: [...Array.from({ length: 12 }, (_, length) => Buffer.from('\\x00ff\x00\xffabcdef').subarray(0, length)), Buffer.alloc(300, 0xfb)],
    bad: [],
  },
  { kind: 'geometry', good: ['POINT(3 2)', 'GEOMETRYCOLLECTION EMPTY'], bad: [Uint8Array.of(0xff)] },
];

const CASES: readonly (Texts & Pick<TableSchema, 'valueForm'>)[] = [
  ...TEXTS.map((texts) => ({ ...texts, valueForm: 'output' as const })),
  ...DECLARED.map((texts) => ({ ...texts, valueForm: 'declared' as const })),
];

for (const { kind, good, bad, valueForm } of CASES) {
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
    { old, primaryKeyColumns: true, xoffset: true, position: 'lsn' as const, serverId: 4_294_967_295, threadId: true, schemaId: true },
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
