import assert from 'node:assert/strict';
import test from 'node:test';
import { deflateRawSync, deflateSync } from 'node:zlib';
import { ColumnType } from '../../../../../engine/source/mysql/binlog/column-types.ts';
import { binlogSchema, decodeRow, type TestLogColumn } from '../../../../support/binlog-layout.ts';

function decode(column: TestLogColumn, value: Uint8Array): Buffer {
  return decodeRow(binlogSchema([column]), Buffer.concat([Buffer.of(0), value]))[0] as Buffer;
}

const inFront = (length: number, prefix: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(length);
  return bytes.subarray(0, prefix);
};

test('strings have a length of one to four bytes in front', () => {
  const shapes: readonly [TestLogColumn, number][] = [
    [{ type: ColumnType.varchar, metadata: 255, charset: 'utf8mb4' }, 1],
    [{ type: ColumnType.varchar, metadata: 256, charset: 'utf8mb3' }, 2],
    [{ type: ColumnType.string, metadata: 40, charset: 'binary' }, 1],
    [{ type: ColumnType.string, metadata: 1020, charset: 'utf8mb4' }, 2],
    ...[1, 2, 3, 4].map((prefix): [TestLogColumn, number] => [{ type: ColumnType.blob, metadata: prefix }, prefix]),
  ];
  for (const [column, prefix] of shapes) {
    for (const length of [0, 1, 200, ...(prefix > 1 ? [300] : []), ...(prefix > 2 ? [70_000] : [])]) {
      const value = Buffer.alloc(length, 'aä');
      assert.deepEqual(decode(column, Buffer.concat([inFront(length, prefix), value])), value);
    }
  }
});

test('text of another character set, and bytes that are none of it', () => {
  const column = { type: ColumnType.varchar, metadata: 20, charset: 'latin1' };
  assert.equal(String(decode(column, Buffer.from('0461e48062', 'hex'))), 'aä€b');
  const sjis = { type: ColumnType.varchar, metadata: 20, charset: 'sjis' };
  assert.throws(() => decode(sjis, Buffer.from('0181', 'hex')), { code: 'VALUE_INVALID', message: /sjis/ });
});

const LABELS = ['a', '', 'ä€'];

test('ENUM: the label of a number, and the empty string of none', () => {
  const column = { type: ColumnType.enum, metadata: 1, labels: LABELS };
  assert.deepEqual(
    [0, 1, 2, 3].map((index) => String(decode(column, Buffer.of(index)))),
    ['', 'a', '', 'ä€'],
  );
  assert.throws(() => decode(column, Buffer.of(4)), { code: 'VALUE_INVALID' });
  const many = Array.from({ length: 1_000 }, (_unused, i) => `l${i}`);
  assert.equal(String(decode({ type: ColumnType.enum, metadata: 2, labels: many }, Buffer.of(0xe8, 3))), 'l999');
});

test('SET: the labels of its bits, in the order of their declaration', () => {
  const labels = ['a', 'b', 'c d'];
  const column = { type: ColumnType.set, metadata: 1, labels };
  assert.deepEqual(
    [0, 1, 2, 5, 7].map((bits) => String(decode(column, Buffer.of(bits)))),
    ['', 'a', 'b', 'a,c d', 'a,b,c d'],
  );
  assert.throws(() => decode(column, Buffer.of(8)), { code: 'VALUE_INVALID' });
});

/** A compressed value as MariaDB writes it: how it is compressed, its length, its zlib stream. */
function compressed(text: Buffer, isRaw: boolean): Buffer {
  const data = isRaw ? deflateRawSync(text) : deflateSync(text);
  const length = Buffer.of(text.length >> 8, text.length);
  return Buffer.concat([Buffer.of(0x80 | (isRaw ? 8 : 0) | 2), length, data]);
}

test("MariaDB's COMPRESSED columns", () => {
  const column = { type: ColumnType.blobCompressed, metadata: 2, charset: 'utf8mb4' };
  const text = Buffer.from('abcä'.repeat(1_000));
  for (const value of [compressed(text, false), compressed(text, true)]) {
    assert.deepEqual(decode(column, Buffer.concat([inFront(value.length, 2), value])), text);
  }
  assert.equal(String(decode(column, Buffer.from('040000616263', 'hex'))), 'abc');
  assert.equal(String(decode(column, Buffer.from('0000', 'hex'))), '');
});

test('a compressed value that is damaged, or longer than it says, is refused', () => {
  const column = { type: ColumnType.blobCompressed, metadata: 2, charset: 'utf8mb4' };
  const whole = compressed(Buffer.alloc(60_000, 'x'), false);
  const longer = Buffer.from(whole);
  longer[1] = 1;
  const cut = whole.subarray(0, whole.length - 9);
  const unknown = Buffer.concat([Buffer.of(0x42), whole.subarray(1)]);
  for (const value of [longer, cut, unknown, Buffer.of(0x84)]) {
    assert.throws(() => decode(column, Buffer.concat([inFront(value.length, 2), value])), { code: 'VALUE_INVALID' });
  }
});
