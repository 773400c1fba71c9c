import fc from 'fast-check';
import { ColumnType } from '../../engine/source/mysql/binlog/column-types.ts';
import type { LogColumn, LogLayout } from '../../engine/source/mysql/rows/layout.ts';

/** A column of a binlog, and a value as its rows have it. */
export interface PackedValue {
  readonly column: LogColumn;
  readonly bytes: Uint8Array;
}

/** A column; what is not given is as for most. */
export function logColumn(type: keyof typeof ColumnType, rest: Partial<LogColumn> = {}): LogColumn {
  return { metadata: 0, isUnsigned: false, charset: null, labels: null, meaning: null, ...rest, type: ColumnType[type] };
}

/** A layout of columns; what is not given is as for most. */
export function layoutOf(columns: readonly LogColumn[], rest: Partial<LogLayout> = {}): LogLayout {
  return { isPartial: false, zone: 'UTC', ...rest, columns };
}

/** The bytes behind their length. */
export function withLength(bytes: Uint8Array, prefix: number): Uint8Array {
  return Buffer.concat([littleEndian(BigInt(bytes.length), prefix), bytes]);
}

export function littleEndian(number: bigint, bytes: number): Buffer {
  return bigEndian(number, bytes).reverse();
}

export function bigEndian(number: bigint, bytes: number): Buffer {
  const all = Buffer.alloc(8);
  all.writeBigUInt64BE(BigInt.asUintN(64, number));
  return Buffer.from(all.subarray(8 - bytes));
}

const GROUP_BYTES = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4];

/** A decimal of so many digits before and behind the point, `-0012.50` for instance. */
export function packedDecimal(text: string): Buffer {
  const isNegative = text.startsWith('-');
  const [whole, fraction] = text.replace('-', '').split('.') as [string, string | undefined];
  const bytes = Buffer.concat(
    [...groupsOf(whole, whole.length % 9), ...groupsOf(fraction ?? '', 9)].map((digits) =>
      bigEndian(BigInt(digits), GROUP_BYTES[digits.length]!),
    ),
  );
  if (isNegative) for (let i = 0; i < bytes.length; i++) bytes[i] = ~bytes[i]! & 0xff;
  bytes[0] = bytes[0]! ^ 0x80;
  return bytes;
}

/** Nine digits each but for the first, which has `first` unless that is 0, and the last. */
function groupsOf(digits: string, first: number): string[] {
  const groups = first === 0 ? [] : [digits.slice(0, first)];
  for (let at = first; at < digits.length; at += 9) groups.push(digits.slice(at, at + 9));
  return groups.filter((group) => group !== '');
}

/** An image of these columns: null where the value is null, left out where it is undefined and the layout partial. */
export function packedImage(values: readonly (Uint8Array | null | undefined)[], isPartial: boolean): Buffer {
  const present = values.filter((value) => value !== undefined);
  const bitmaps = [...(isPartial ? [values.map((value) => value !== undefined)] : []), present.map((value) => value === null)];
  return Buffer.concat([...bitmaps.map(bitmap), ...present.filter((value) => value !== null)]);
}

function bitmap(bits: readonly boolean[]): Buffer {
  const bytes = Buffer.alloc((bits.length + 7) >> 3);
  for (const [i, bit] of bits.entries()) if (bit) bytes[i >> 3]! |= 1 << (i & 7);
  return bytes;
}

const bytesOf = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const sized = (column: LogColumn, bytes: number): fc.Arbitrary<PackedValue> => bytesOf(bytes).map((value) => ({ column, bytes: value }));

const INTEGERS = [
  ['tiny', 1],
  ['short', 2],
  ['int24', 3],
  ['long', 4],
  ['longlong', 8],
] as const;
const integer = fc
  .tuple(fc.constantFrom(...INTEGERS), fc.boolean())
  .chain(([[type, size], isUnsigned]) => sized(logColumn(type, { isUnsigned }), size));

const decimal = fc.tuple(fc.integer({ min: 1, max: 65 }), fc.nat(38)).chain(([precision, fraction]) => {
  const scale = Math.min(precision, fraction);
  const digits = fc.oneof(fc.constantFrom('0', '9', '1', '0000000001'), fc.bigInt({ min: 0n, max: 10n ** BigInt(precision) }).map(String));
  return fc.tuple(digits, fc.boolean()).map(([text, isNegative]) => {
    const all = text.padStart(precision, '0').slice(-precision);
    const number = `${isNegative ? '-' : ''}${all.slice(0, precision - scale)}.${all.slice(precision - scale)}`;
    return { column: logColumn('newDecimal', { metadata: (precision << 8) | scale }), bytes: packedDecimal(number) };
  });
});

const float = fc
  .oneof(
    bytesOf(4),
    fc.float({ noNaN: true }).map((number) => new Uint8Array(Float32Array.of(number).buffer)),
  )
  .map((bytes) => ({ column: logColumn('float'), bytes }));
const decimalDouble = fc
  .tuple(fc.integer({ min: -99_999, max: 99_999 }), fc.integer({ min: -12, max: 12 }))
  .map(([n, e]) => Number(`${n}e${e}`));
const double = fc
  .oneof(
    bytesOf(8),
    fc.oneof(fc.double({ noNaN: true }), decimalDouble).map((number) => new Uint8Array(Float64Array.of(number).buffer)),
  )
  .map((bytes) => ({ column: logColumn('double'), bytes }));

const clock = fc.tuple(fc.nat(23), fc.nat(59), fc.nat(59)).map(([hour, minute, second]) => BigInt((hour << 12) | (minute << 6) | second));
/** Of a time with `bytes` before its fraction: `zero` stands for none, `whole` is what lies behind it, or in front of it. */
function timeOf(
  type: 'time2' | 'datetime2' | 'timestamp2',
  bytes: number,
  zero: bigint,
  whole: fc.Arbitrary<bigint>,
): fc.Arbitrary<PackedValue> {
  return fc.nat(6).chain((digits) => {
    const column = logColumn(type, { metadata: digits });
    const all = bytes + ((digits + 1) >> 1);
    const unit = 256n ** BigInt(all - bytes);
    const fraction = fc.nat(10 ** digits - 1).map((number) => BigInt(number * (digits % 2 === 1 ? 10 : 1)));
    const valid = fc.tuple(whole, fraction).map(([number, part]) => ({
      column,
      bytes: bigEndian(zero * unit + number * unit + (number < 0n ? -part : part), all),
    }));
    return fc.oneof({ weight: 4, arbitrary: valid }, { weight: 1, arbitrary: sized(column, all) });
  });
}

const date = fc.tuple(fc.nat(9_999), fc.nat(12), fc.nat(31));
const temporal: readonly fc.Arbitrary<PackedValue>[] = [
  sized(logColumn('year'), 1),
  fc.oneof(
    date.map(([year, month, day]) => ({ column: logColumn('date'), bytes: littleEndian(BigInt((year << 9) | (month << 5) | day), 3) })),
    sized(logColumn('date'), 3),
  ),
  timeOf(
    'time2',
    3,
    0x800000n,
    fc
      .tuple(fc.nat(838), fc.nat(59), fc.nat(59), fc.boolean())
      .map(([hour, minute, second, isNegative]) => BigInt((hour << 12) | (minute << 6) | second) * (isNegative ? -1n : 1n)),
  ),
  timeOf(
    'datetime2',
    5,
    0x8000000000n,
    fc.tuple(date, clock).map(([[year, month, day], time]) => (BigInt(((year * 13 + month) << 5) | day) << 17n) + time),
  ),
  timeOf('timestamp2', 4, 0n, fc.oneof(fc.constantFrom(0n, 1n, 0x7fff_ffffn, 0xffff_ffffn), fc.bigInt({ min: 0n, max: 0xffff_ffffn }))),
];

const texts = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.string({ unit: 'binary-ascii', maxLength: 300 }));
const charset = fc.constantFrom(null, 'binary', 'utf8mb4', 'utf8mb3', 'ascii', 'latin1');
const text = fc
  .tuple(fc.constantFrom('varchar', 'string', 'blob', 'varString'), charset, texts, fc.integer({ min: 1, max: 4 }))
  .map(([type, name, value, bytes]) => {
    const prefix = type === 'blob' ? bytes : (bytes & 1) + 1;
    const cut = Buffer.from(value).subarray(0, prefix === 1 ? 255 : 1_200);
    const metadata = type === 'blob' ? prefix : prefix === 1 ? 255 : 1_024;
    return { column: logColumn(type, { metadata, charset: name }), bytes: withLength(cut, prefix) };
  });
const labels = (most: number): fc.Arbitrary<string[]> =>
  fc.array(fc.string({ unit: 'grapheme', maxLength: 6 }), { minLength: 1, maxLength: most });
const labelled: readonly fc.Arbitrary<PackedValue>[] = [
  fc.tuple(labels(10), fc.nat(11), fc.constantFrom(1, 2)).map(([list, number, metadata]) => ({
    column: logColumn('enum', { metadata, labels: list, charset: 'utf8mb4' }),
    bytes: littleEndian(BigInt(number), metadata),
  })),
  fc.tuple(labels(64), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.nat(9)).map(([list, members, more]) => {
    const metadata = Math.min(8, (list.length + 7) >> 3);
    const known = more === 9 ? 64 : list.length;
    return {
      column: logColumn('set', { metadata, labels: list, charset: 'utf8mb4' }),
      bytes: littleEndian(BigInt.asUintN(known, members), metadata),
    };
  }),
];
const bits = fc.integer({ min: 1, max: 64 }).chain((metadata) => sized(logColumn('bit', { metadata }), (metadata + 7) >> 3));
const others = fc.constantFrom(
  { column: logColumn('json', { metadata: 4 }), bytes: withLength(Buffer.of(4, 0), 4) },
  { column: logColumn('timestamp'), bytes: Buffer.of(1, 2, 3, 4) },
  { column: logColumn('string', { metadata: 16, meaning: 'uuid' }), bytes: withLength(Buffer.alloc(16, 7), 1) },
);

/** Values of the types that native code knows, by what they are called in failures, most of them such as servers write. */
export const PACKED_VALUES: Readonly<Record<string, fc.Arbitrary<PackedValue>>> = {
  integer,
  decimal,
  float,
  double,
  year: temporal[0]!,
  date: temporal[1]!,
  time: temporal[2]!,
  datetime: temporal[3]!,
  timestamp: temporal[4]!,
  text,
  enum: labelled[0]!,
  set: labelled[1]!,
  bits,
};

/** Of any type, some of which native code does not know. */
export const anyPackedValue: fc.Arbitrary<PackedValue> = fc.oneof(...Object.values(PACKED_VALUES), others);
