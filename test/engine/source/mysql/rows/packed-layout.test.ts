import assert from 'node:assert/strict';
import test from 'node:test';
import type { LogColumn } from '../../../../../engine/source/mysql/rows/layout.ts';
import { bigEndian, layoutOf, littleEndian, logColumn, packedDecimal, packedImage, withLength } from '../../../../support/packed-rows.ts';
import { PackedTable } from '../../../../support/packed-tables.ts';

const float = (value: number): Uint8Array => new Uint8Array(Float32Array.of(value).buffer);
const double = (value: number): Uint8Array => new Uint8Array(Float64Array.of(value).buffer);
const text = (value: string | Uint8Array, prefix: number): Uint8Array => withLength(Buffer.from(value as string), prefix);
const clock = (hour: bigint, minute: bigint, second: bigint): bigint => (hour << 12n) | (minute << 6n) | second;
const day = (year: bigint, month: bigint, date: bigint): bigint => ((year * 13n + month) << 5n) | date;
const datetime = (whole: bigint, fraction: bigint, bytes: number): Buffer =>
  Buffer.concat([bigEndian(0x8000000000n + whole, 5), bigEndian(fraction, bytes)]);

/** Columns, what the log has, and the text of it; null: left to the decoder. */
const VALUES: readonly (readonly [LogColumn, Uint8Array, string | null])[] = [
  [logColumn('tiny'), Buffer.of(0x80), '-128'],
  [logColumn('tiny', { isUnsigned: true }), Buffer.of(0x80), '128'],
  [logColumn('short'), littleEndian(-300n, 2), '-300'],
  [logColumn('int24'), littleEndian(-8_388_608n, 3), '-8388608'],
  [logColumn('int24', { isUnsigned: true }), littleEndian(16_777_215n, 3), '16777215'],
  [logColumn('long'), littleEndian(-1n, 4), '-1'],
  [logColumn('longlong'), littleEndian(-(2n ** 63n), 8), '-9223372036854775808'],
  [logColumn('longlong', { isUnsigned: true }), littleEndian(2n ** 64n - 1n, 8), '18446744073709551615'],
  [logColumn('newDecimal', { metadata: (12 << 8) | 2 }), packedDecimal('-0000000012.50'), '-12.50'],
  [logColumn('newDecimal', { metadata: (10 << 8) | 10 }), packedDecimal('.0000000001'), '0.0000000001'],
  [logColumn('newDecimal', { metadata: 20 << 8 }), packedDecimal('10000000000000000001'), '10000000000000000001'],
  [
    logColumn('newDecimal', { metadata: (65 << 8) | 30 }),
    packedDecimal(`${'9'.repeat(35)}.${'8'.repeat(30)}`),
    `${'9'.repeat(35)}.${'8'.repeat(30)}`,
  ],
  [logColumn('newDecimal', { metadata: 9 << 8 }), Buffer.of(0xff, 0xff, 0xff, 0xff), null],
  [logColumn('float'), float(1.1), '1.1'],
  [logColumn('float'), float(-1_048_606.25), '-1048606.2'],
  [logColumn('float'), float(1e7), '1.0E7'],
  [logColumn('float'), float(0.001), '0.001'],
  [logColumn('float'), float(1.4e-45), '1.4E-45'],
  [logColumn('float'), float(NaN), null],
  [logColumn('double'), double(0), '0.0'],
  [logColumn('double'), double(-0), '-0.0'],
  [logColumn('double'), double(123_456.789), '123456.789'],
  [logColumn('double'), double(100), '100.0'],
  [logColumn('double'), double(0.000_999), '9.99E-4'],
  [logColumn('double'), double(5e-324), '4.9E-324'],
  [logColumn('double'), double(1.797_693_134_862_315_7e308), '1.7976931348623157E308'],
  [logColumn('year'), Buffer.of(0), '0000'],
  [logColumn('year'), Buffer.of(255), '2155'],
  [logColumn('date'), littleEndian((2025n << 9n) | (9n << 5n) | 30n, 3), '2025-09-30'],
  [logColumn('date'), littleEndian(0n, 3), '0000-00-00'],
  [logColumn('time2'), bigEndian(0x800000n - clock(838n, 59n, 59n), 3), '-838:59:59'],
  [logColumn('time2', { metadata: 3 }), bigEndian((0x800000n << 16n) - ((clock(0n, 0n, 1n) << 16n) + 2_500n), 5), '-00:00:01.250'],
  [logColumn('time2', { metadata: 6 }), bigEndian((0x800000n << 24n) - 1n, 6), '-00:00:00.000001'],
  [logColumn('time2'), bigEndian(0x800000n + 60n, 3), null],
  [logColumn('datetime2'), datetime((day(9999n, 12n, 31n) << 17n) | clock(23n, 59n, 59n), 0n, 0), '9999-12-31 23:59:59'],
  [logColumn('datetime2', { metadata: 1 }), datetime((day(2025n, 0n, 0n) << 17n) | clock(1n, 2n, 3n), 40n, 1), '2025-00-00 01:02:03.4'],
  [logColumn('datetime2', { metadata: 6 }), datetime(0n, 0n, 3), '0000-00-00 00:00:00.000000'],
  [logColumn('datetime2', { metadata: 6 }), datetime(0n, 1_000_000n, 3), null],
  [logColumn('timestamp2'), bigEndian(0n, 4), '0000-00-00 00:00:00'],
  [logColumn('timestamp2'), bigEndian(951_782_400n, 4), '2000-02-29 00:00:00'],
  [
    logColumn('timestamp2', { metadata: 5 }),
    Buffer.concat([bigEndian(0xffff_ffffn, 4), bigEndian(123_450n, 3)]),
    '2106-02-07 06:28:15.12345',
  ],
  [logColumn('bit', { metadata: 64 }), bigEndian(2n ** 64n - 1n, 8), '18446744073709551615'],
  [logColumn('enum', { metadata: 1, labels: ['a', 'b"'] }), Buffer.of(2), 'b"'],
  [logColumn('enum', { metadata: 2, labels: ['a', 'b'] }), littleEndian(0n, 2), ''],
  [logColumn('enum', { metadata: 1, labels: ['a', 'b'] }), Buffer.of(3), null],
  [logColumn('set', { metadata: 1, labels: ['a', 'é', 'c'] }), Buffer.of(6), 'é,c'],
  [logColumn('set', { metadata: 1, labels: ['a'] }), Buffer.of(0), ''],
  [logColumn('set', { metadata: 1, labels: ['a'] }), Buffer.of(2), null],
  [logColumn('varchar', { metadata: 1_000, charset: 'utf8mb4' }), text('日本\n', 2), '日本\n'],
  [logColumn('string', { metadata: 40, charset: 'ascii' }), text('plain', 1), 'plain'],
  [logColumn('blob', { metadata: 3, charset: 'latin1' }), text(Buffer.of(0x80, 0x41, 0xff), 3), '€Aÿ'],
  [logColumn('varchar', { metadata: 40, charset: 'sjis' }), text('plain', 1), 'plain'],
  [logColumn('varchar', { metadata: 40, charset: 'sjis' }), text(Buffer.of(0x93, 0xfa), 1), null],
  [logColumn('varchar', { metadata: 40, charset: 'utf16' }), text(Buffer.of(0, 0x41), 1), null],
  [logColumn('json', { metadata: 4 }), text(Buffer.of(4, 0), 4), null],
  [logColumn('blob', { metadata: 4, charset: 'utf8mb4', meaning: 'json' }), text('{"a":1}', 4), '{"a":1}'],
  [logColumn('string', { metadata: 16, meaning: 'uuid' }), text(Buffer.alloc(16), 1), null],
];

test('values of every type that native code knows, and what it leaves', () => {
  for (const [column, bytes, expected] of VALUES) {
    const row = new PackedTable(layoutOf([column])).byNative(packedImage([bytes], false));
    const found = row === null ? null : (JSON.parse(row) as { readonly c0: string }).c0;
    assert.equal(found, expected, JSON.stringify(column));
  }
});

test('all of them in one row, whole and partial, with nulls and columns that the log left out', () => {
  const known = VALUES.filter(([, , expected]) => expected !== null);
  const columns = known.map(([column]) => column);
  const textOf = (i: number): [string, string | null] => [`c${i}`, known[i]![2]];
  for (const isPartial of [false, true]) {
    const table = new PackedTable(layoutOf(columns, { isPartial }));
    const images = known.map(([, bytes], i) => (i % 3 === 1 ? null : i % 5 === 2 && isPartial ? undefined : bytes));
    const expected = images.flatMap((value, i) => (value === undefined ? [] : [value === null ? [`c${i}`, null] : textOf(i)]));
    const image = packedImage(images, isPartial);
    assert.deepEqual(JSON.parse(table.byNative(image)!), Object.fromEntries(expected));
    assert.equal(table.byNative(image), table.decoded(image));
    for (let length = 1; length < image.length; length++) assert.equal(table.byNative(image.subarray(0, length)), null);
    assert.equal(table.byNative(Buffer.concat([image, Buffer.of(0)])), null, 'a byte too many');
  }
});

test('a null of a type that native code does not know does not end a row, nor does a timestamp in another zone', () => {
  const columns = [logColumn('json', { metadata: 4 }), logColumn('timestamp2'), logColumn('geometry', { metadata: 4 }), logColumn('long')];
  const table = new PackedTable(layoutOf(columns, { zone: 'Europe/Berlin' }));
  const image = packedImage([null, null, null, littleEndian(5n, 4)], false);
  assert.equal(table.byNative(image), '{"c0":null,"c1":null,"c2":null,"c3":"5"}');
  assert.equal(table.byNative(packedImage([null, bigEndian(1n, 4), null, littleEndian(5n, 4)], false)), null);
});
