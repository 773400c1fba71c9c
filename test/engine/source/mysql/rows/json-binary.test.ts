import assert from 'node:assert/strict';
import test from 'node:test';
import { ColumnType } from '../../../../../engine/source/mysql/binlog/column-types.ts';
import { binlogSchema, decodeRow } from '../../../../support/binlog-layout.ts';

const SCHEMA = binlogSchema([{ type: ColumnType.json, metadata: 4, name: 'j' }]);

function decode(document: Uint8Array): string {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(document.length);
  return String(decodeRow(SCHEMA, Buffer.concat([Buffer.of(0), length, document]))[0]);
}

const refuse = (document: Uint8Array) =>
  assert.throws(() => decode(document), { code: 'VALUE_INVALID', message: /column j of d\.t .*binary JSON/ });

/** A value's type, and its bytes. */
type Part = readonly [type: number, bytes: Buffer];

function le(value: bigint | number, size: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt.asIntN(64, BigInt(value)));
  return bytes.subarray(0, size);
}

function double(value: number): Part {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return [11, bytes];
}

const whole = ([type, bytes]: Part): Buffer => Buffer.concat([Buffer.of(type), bytes]);
const varint = (length: number): Buffer =>
  length < 128 ? Buffer.of(length) : Buffer.concat([Buffer.of(128 | (length & 127)), varint(length >> 7)]);
const text = (value: string): Part => [12, Buffer.concat([varint(Buffer.byteLength(value)), Buffer.from(value)])];
const opaque = (type: number, bytes: Buffer): Part => [15, Buffer.concat([Buffer.of(type), varint(bytes.length), bytes])];

/** An array or object, small or large, whose values all have an offset, but for those that are inlined. */
function container(parts: readonly Part[], names: readonly string[] | null, isLarge: boolean): Part {
  const width = isLarge ? 4 : 2;
  const isInlined = ([type]: Part) => type >= 4 && type <= (isLarge ? 8 : 6);
  const head = 2 * width + (names === null ? 0 : names.length * (width + 2)) + parts.length * (width + 1);
  let at = head;
  const place = (bytes: Buffer) => (at += bytes.length) - bytes.length;
  const keys = (names ?? []).map((name) => Buffer.from(name));
  const keyEntries = keys.map((key) => Buffer.concat([le(place(key), width), le(key.length, 2)]));
  const valueEntries = parts.map((part) =>
    Buffer.concat([
      Buffer.of(part[0]),
      isInlined(part) ? Buffer.concat([part[1], Buffer.alloc(width)]).subarray(0, width) : le(place(part[1]), width),
    ]),
  );
  const values = parts.filter((part) => !isInlined(part)).map(([, bytes]) => bytes);
  const type = (names === null ? 2 : 0) + (isLarge ? 1 : 0);
  return [type, Buffer.concat([le(parts.length, width), le(at, width), ...keyEntries, ...valueEntries, ...keys, ...values])];
}

/** A packed DATETIME, or TIME where the day is 0. */
function packed(day: number, hours: number, minutes: number, seconds: number, micros: number): bigint {
  return (((BigInt(day) << 17n) | BigInt((hours << 12) | (minutes << 6) | seconds)) << 24n) | BigInt(micros);
}
const dayOf = (year: number, month: number, day: number): number => ((year * 13 + month) << 5) | day;

const SCALARS: readonly [Part, string][] = [
  [[4, Buffer.of(0)], 'null'],
  [[4, Buffer.of(1)], 'true'],
  [[4, Buffer.of(2)], 'false'],
  [[5, le(-32_768, 2)], '-32768'],
  [[6, le(65_535, 2)], '65535'],
  [[7, le(-2_147_483_648, 4)], '-2147483648'],
  // Maxwell prints this one as -1.
  [[8, le(4_294_967_295, 4)], '4294967295'],
  [[9, le(-(2n ** 63n), 8)], '-9223372036854775808'],
  [[10, le(2n ** 64n - 1n, 8)], '18446744073709551615'],
  [double(1), '1.0'],
  [double(-0), '-0.0'],
  [double(123.4321), '123.4321'],
  [double(1e7), '10000000'],
  [double(1e22), '10000000000000000000000'],
  [double(2 ** -20), '0.00000095367431640625'],
  [text(''), '""'],
  [text('a"\\\b\f\n\r\t\u0001\u001f/ä€😀\u007f'), '"a\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001F/ä€😀\u007f"'],
  [text('x'.repeat(300)), `"${'x'.repeat(300)}"`],
  [opaque(246, Buffer.from('0e04810dfb38d204d2', 'hex')), '1234567890.1234'],
  [opaque(10, le(packed(dayOf(2015, 1, 15), 0, 0, 0, 0), 8)), '"2015-01-15"'],
  [opaque(11, le(packed(0, 23, 24, 25, 120_000), 8)), '"23:24:25.12"'],
  [opaque(11, le(-packed(0, 838, 59, 59, 0), 8)), '"-838:59:59"'],
  [opaque(12, le(packed(dayOf(2015, 1, 15), 23, 24, 25, 0), 8)), '"2015-01-15 23:24:25"'],
  [opaque(7, le(packed(dayOf(1, 12, 31), 0, 0, 0, 12), 8)), '"0001-12-31 00:00:00.000012"'],
  [opaque(252, Buffer.from('cafebabe', 'hex')), '"yv66vg=="'],
];

test('every type of value, alone and in both forms of arrays and objects', () => {
  for (const [part, expected] of SCALARS) assert.equal(decode(whole(part)), expected);
  const parts = SCALARS.map(([part]) => part);
  const names = SCALARS.map((_scalar, i) => `k"${i}`);
  const values = SCALARS.map(([, expected]) => expected);
  for (const isLarge of [false, true]) {
    assert.equal(decode(whole(container(parts, null, isLarge))), `[${values.join(',')}]`);
    const members = values.map((value, i) => `"k\\"${i}":${value}`);
    assert.equal(decode(whole(container(parts, names, isLarge))), `{${members.join(',')}}`);
  }
});

test('containers within containers, down to the depth that servers allow', () => {
  const inner = container([text('a'), container([], null, false)], ['x', ''], false);
  const outer = container([inner, container([], [], true), [4, Buffer.of(0)]], null, true);
  assert.equal(decode(whole(outer)), '[{"x":"a","":[]},{},null]');
  const nested = (depth: number): Part => (depth === 0 ? [4, Buffer.of(1)] : container([nested(depth - 1)], null, true));
  assert.equal(decode(whole(nested(100))), `${'['.repeat(100)}true${']'.repeat(100)}`);
  refuse(whole(nested(200)));
});

test('what Maxwell documents: an object of one key; nothing at all', () => {
  assert.equal(decode(Buffer.from('0001000d000b0002000503006964', 'hex')), '{"id":3}');
  assert.equal(decode(Buffer.alloc(0)), 'null');
});

test('gaps that an update in place leaves are passed over', () => {
  const [type, bytes] = container([text('ab')], null, false);
  bytes.writeUInt16LE(bytes.length + 3, 2);
  bytes.writeUInt16LE(bytes.readUInt16LE(5) + 3, 5);
  const moved = Buffer.concat([bytes.subarray(0, 7), Buffer.alloc(3, 0xff), bytes.subarray(7)]);
  assert.equal(decode(whole([type, moved])), '["ab"]');
});

test('offsets that lead to the same bytes again and again are refused before they grow', () => {
  // Each array has all its values at the next array: text would double with every level.
  const levels = 40;
  const size = 4 + 2 * 3;
  const arrays = Array.from({ length: levels }, () => {
    const entry = Buffer.concat([Buffer.of(2), le(size, 2)]);
    return Buffer.concat([le(2, 2), le(0, 2), entry, entry]);
  });
  arrays.forEach((array, level) => array.writeUInt16LE((levels - level) * size, 2));
  refuse(Buffer.concat([Buffer.of(2), ...arrays, Buffer.of(0, 0, 4, 0)]));
});

test('documents that are none are refused', () => {
  const array = whole(container([text('ab')], null, false));
  for (let length = 1; length < array.length; length++) refuse(array.subarray(0, length));
  const broken: readonly Buffer[] = [
    Buffer.of(3),
    Buffer.of(13, 0),
    Buffer.of(4, 3),
    Buffer.from('{"a": 1}'),
    Buffer.concat([Buffer.of(12), Buffer.from('ffffffffff', 'hex')]),
    whole(double(Number.NaN)),
    whole(opaque(246, Buffer.of(66, 2, 0))),
    whole(opaque(246, Buffer.of(5))),
    whole(opaque(12, Buffer.alloc(7))),
    Buffer.concat([Buffer.of(2), le(65_535, 2), le(4, 2)]),
  ];
  broken.forEach(refuse);
});
