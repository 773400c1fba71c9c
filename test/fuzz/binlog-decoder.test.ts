import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { MillraceError } from '../../engine/base/errors.ts';
import { ColumnType } from '../../engine/source/mysql/binlog/column-types.ts';
import { binlogSchema, decodeRow, type TestLogColumn } from '../support/binlog-layout.ts';

const LABELS = ['a', 'bc', ''];
const COLUMNS: readonly TestLogColumn[] = [
  { type: ColumnType.tiny },
  { type: ColumnType.longlong, isUnsigned: true },
  { type: ColumnType.float, metadata: 4 },
  { type: ColumnType.double, metadata: 8 },
  { type: ColumnType.newDecimal, metadata: (20 << 8) | 10 },
  { type: ColumnType.bit, metadata: 64 },
  { type: ColumnType.date },
  { type: ColumnType.time, metadata: 4 },
  { type: ColumnType.datetime },
  { type: ColumnType.datetime, metadata: 6 },
  { type: ColumnType.time2, metadata: 6 },
  { type: ColumnType.datetime2, metadata: 5 },
  { type: ColumnType.timestamp2, metadata: 3 },
  { type: ColumnType.varchar, metadata: 255, charset: 'utf8mb4' },
  { type: ColumnType.varchar, metadata: 900, charset: 'sjis' },
  { type: ColumnType.varcharCompressed, metadata: 900, charset: 'utf8mb4' },
  { type: ColumnType.blob, metadata: 3, charset: 'binary' },
  { type: ColumnType.enum, metadata: 1, labels: LABELS },
  { type: ColumnType.set, metadata: 1, labels: LABELS },
  { type: ColumnType.json, metadata: 1 },
  { type: ColumnType.geometry, metadata: 1 },
  { type: ColumnType.vector, metadata: 1 },
  { type: ColumnType.string, metadata: 16, charset: 'binary', meaning: 'uuid' },
  { type: ColumnType.string, metadata: 16, charset: 'binary', meaning: 'inet6' },
];

/** Small numbers are lengths, types and counts that lead somewhere. */
const byte = fc.oneof(fc.nat(15), fc.nat(255));
const CODES = ['ROW_IMAGE_INVALID', 'VALUE_INVALID'];

/** Decodes, or meets one of the two errors. */
function decodeAny(columns: readonly TestLogColumn[], isPartial: boolean, image: Uint8Array, wanted: readonly number[] | null): void {
  try {
    decodeRow(binlogSchema(columns, { isPartial }), image, wanted);
  } catch (error) {
    assert.ok(error instanceof MillraceError && CODES.includes(error.code), String(error));
  }
}

test('any bytes are a row or a named error, whatever the columns', () => {
  const columns = fc.array(fc.constantFrom(...COLUMNS), { minLength: 1, maxLength: 9 });
  const image = fc.array(byte, { maxLength: 80 }).map((bytes) => Uint8Array.from(bytes));
  fc.assert(
    fc.property(columns, fc.boolean(), image, fc.option(fc.array(fc.nat(8), { maxLength: 2 })), (all, isPartial, bytes, wanted) => {
      decodeAny(all, isPartial, bytes, wanted === null ? null : wanted.filter((column) => column < all.length));
    }),
    { numRuns: 5000 },
  );
});

test('any bytes of one column are a value or a named error', () => {
  const value = fc.array(byte, { maxLength: 120 }).map((bytes) => Buffer.from(bytes));
  for (const column of COLUMNS) {
    // The length in front is right: what comes behind it is what is tried.
    const prefix = [ColumnType.json, ColumnType.geometry, ColumnType.vector].includes(column.type as 242) ? 1 : 0;
    fc.assert(
      fc.property(value, (bytes) =>
        decodeAny([column], false, Buffer.concat([Buffer.of(0), Buffer.of(bytes.length).subarray(0, prefix), bytes]), null),
      ),
      { numRuns: 1000 },
    );
  }
});
