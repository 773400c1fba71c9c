import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { TimeOptions } from '../../engine/change/time/clock.ts';
import { zoneOf } from '../../engine/change/time/zone-id.ts';
import { MillraceError } from '../../engine/base/errors.ts';
import { ENCODE_FULL, type EncoderOptions } from '../../engine/encode/encoder.ts';
import { createEncoder } from '../../engine/encode/formats.ts';
import { PushClock } from '../../engine/encode/push-clock.ts';
import { PLAIN_TIMES } from '../support/formats.ts';
import { NativeRows } from '../support/native-rows.ts';
import { arrayOf } from '../support/json-value.ts';
import { rowImage, rowRecord, tableSchema, UNCHANGED, type ImageValue, type TestColumn, type TestRow } from '../support/rows.ts';

/** JSON columns are left out: their text is embedded as the server checked it. */
const COLUMNS: readonly TestColumn[] = [
  { name: 'id', kind: 'int' },
  { name: 'n', kind: 'decimal' },
  { name: 'flag', kind: 'bool' },
  { name: 't', kind: 'text' },
  { name: 'at', kind: 'timestamptz' },
  { name: 'clock', kind: 'time' },
  { name: 'bin', kind: 'bytes' },
  { name: 'bits', kind: 'bit', length: 8 },
  { name: 'tags', ...arrayOf('text') },
  { name: 'times', ...arrayOf('datetime') },
  { name: 'map', kind: 'map' },
  { name: 'set', kind: 'set' },
];

const VALUES: readonly (readonly string[])[] = [
  ['1', '-42', '0'],
  ['1.50', 'NaN', '1e+10', '-Infinity'],
  ['t', 'f'],
  ['', 'plain', 'a"b\\c', 'é日😁', '\u0001'.repeat(30), 'x'.repeat(300)],
  ['2025-09-09 11:28:43.4846+00', 'infinity', '0044-03-15 12:00:00+00 BC'],
  ['19:28:43.5', '24:00:00'],
  ['\\x', '\\x00ff10', 'a\\\\\\000'],
  ['00000101'],
  ['{}', '{a,NULL,"NULL","x\\"y"}', '[0:1]={{a,b}}'],
  ['{"2025-09-09 19:28:43.5",infinity}'],
  ['', '"a"=>"1", "b"=>NULL', '"c\\"d"=>"e\\\\"'],
  ['a,b', ''],
];

/** Stands still, so that native code and encoder write the same time. */
const STOPPED = new PushClock(
  () => 1_757_417_323_000,
  () => 0,
);

const value = (column: number): fc.Arbitrary<ImageValue> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...VALUES[column]!) },
    { weight: 1, arbitrary: fc.constantFrom<ImageValue>(null, UNCHANGED) },
  );
const image = fc.tuple(...COLUMNS.map((_, column) => value(column))).map((values) => rowImage(values));

/** An image with some bytes changed, or cut. */
const hostile = fc
  .tuple(image, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }), fc.nat(), fc.boolean())
  .map(([bytes, changes, length, cut]) => {
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
    return cut ? bytes.subarray(0, length % (bytes.length + 1)) : bytes;
  });

const NEW_YORK = zoneOf('America/New_York')!;
const times: fc.Arbitrary<TimeOptions> = fc.constantFrom(
  PLAIN_TIMES,
  { ...PLAIN_TIMES, zone: NEW_YORK, keepOffset: true },
  {
    ...PLAIN_TIMES,
    zone: NEW_YORK,
    sourceZone: NEW_YORK,
    pattern: 'yyyyyyyyyyyyyyyyyyy\'\\\\\\\\\\\\\\\\\\\\\\\\\'MM/dd"HH"mm"ss,SSSSSSSSS',
  },
);
const rowOptions = {
  times,
  nulls: fc.boolean(),
  excludeColumns: fc.constantFrom([], ['id'], ['/t.*/', 'n'], ['/.*/']),
  zeroDates: fc.constantFrom('zeros' as const, 'null' as const),
};
const options: fc.Arbitrary<EncoderOptions> = fc.oneof(
  fc.record({
    ...rowOptions,
    format: fc.constant('maxwell' as const),
    primaryKey: fc.boolean(),
    primaryKeyColumns: fc.boolean(),
    old: fc.constantFrom('key' as const, 'changed' as const, 'full' as const),
    commitInfo: fc.boolean(),
    xoffset: fc.boolean(),
    position: fc.constantFrom('none' as const, 'lsn' as const, 'decimal' as const),
    gtid: fc.constant(false),
    serverId: fc.constantFrom(null, 4_294_967_295),
    threadId: fc.constantFrom('none' as const, 'zero' as const),
    schemaId: fc.boolean(),
    pushTimestamp: fc.boolean(),
    naming: fc.constantFrom('none' as const, 'underscore_to_camelcase' as const),
  }),
  fc.record({ ...rowOptions, format: fc.constant('kv-json' as const), deletes: fc.constant('key' as const) }),
);

const row = (bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<TestRow> =>
  fc.record({
    operation: fc.constantFrom('insert', 'update', 'delete'),
    oldImage: fc.constantFrom('none', 'key', 'full'),
    old: bytes,
    new: bytes,
    commit: fc.boolean(),
  });

/** Rows are what sources send: an insert has no old image, a delete no new one. */
function asSent(given: TestRow): TestRow {
  if (given.operation === 'insert') return { ...given, oldImage: 'none', old: new Uint8Array(0) };
  if (given.operation === 'delete')
    return { ...given, oldImage: given.oldImage === 'none' ? 'key' : given.oldImage!, new: new Uint8Array(0) };
  return given.oldImage === 'none' ? { ...given, old: new Uint8Array(0) } : given;
}

function check(
  bytesOf: fc.Arbitrary<Uint8Array>,
  key: readonly string[],
  runs: number,
): { written: number; full: number; refused: number; native: number } {
  const schema = tableSchema(COLUMNS, key);
  const seen = { written: 0, full: 0, refused: 0, native: 0 };
  const memory = new Uint8Array(40_000);
  fc.assert(
    fc.property(
      row(bytesOf),
      options,
      fc.integer({ min: 0, max: 6_000 }),
      fc.integer({ min: 0, max: 8 }),
      (given, chosen, room, position) => {
        const encoder = createEncoder(chosen, STOPPED);
        const { bytes, words, record } = rowRecord(asSent(given));
        const native = new NativeRows(position + room);
        native.add(schema.id, encoder.schema({ schema, tableName: 't' }));
        const byNative = native.encode({ bytes, words, record }, position, STOPPED.micros());
        const isNative = typeof byNative !== 'string';
        if (isNative) seen.native++;
        const out = memory.subarray(0, position + room);
        memory.fill(0xee);
        try {
          const end = encoder.encode(bytes, words, record, out, position);
          if (end === ENCODE_FULL) {
            assert.equal(isNative, false);
            seen.full++;
          } else {
            seen.written++;
            assert.ok(end <= out.length, 'the message ends inside its room');
            const written = Buffer.from(out.subarray(position, end));
            JSON.parse(written.toString());
            if (isNative) assert.ok(written.equals(byNative!), `native code wrote ${byNative!.toString()} for ${written.toString()}`);
          }
        } catch (error) {
          if (!(error instanceof MillraceError) || error.code === 'INTERNAL') throw error;
          assert.equal(isNative, false);
          if (error.code !== 'DELETE_WITHOUT_KEY') seen.refused++;
        }
        assert.ok(memory.subarray(0, position).every((byte) => byte === 0xee));
        assert.ok(memory.subarray(out.length).every((byte) => byte === 0xee));
      },
    ),
    { numRuns: runs },
  );
  return seen;
}

test('whole rows make JSON within any room, or say that the room is too small', () => {
  const seen = check(image, ['id'], 3_000);
  assert.ok(seen.written > 300 && seen.full > 300 && seen.native > 30, JSON.stringify(seen));
});

test('rows without a key do too, and none but a delete of kv-json is refused', () => {
  const seen = check(image, [], 2_000);
  assert.equal(seen.refused, 0);
});

test('changed and cut rows make JSON or a named error, never anything else', () => {
  const seen = check(hostile, ['id', 't'], 6_000);
  assert.ok(seen.refused > 1_000 && seen.written > 50, JSON.stringify(seen));
});
