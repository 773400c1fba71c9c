import assert from 'node:assert/strict';
import test from 'node:test';
import { ColumnType } from '../../../../../engine/source/mysql/binlog/column-types.ts';
import { compileBinlogDecoder } from '../../../../../engine/source/mysql/rows/decoder.ts';
import { ByteView } from '../../../../../engine/base/byte-view.ts';
import { binlogSchema, decodeRow, type TestLogColumn } from '../../../../support/binlog-layout.ts';

const TINY: TestLogColumn = { type: ColumnType.tiny };
const TEXT: TestLogColumn = { type: ColumnType.varchar, metadata: 20, charset: 'utf8mb4' };
const shown = (values: ReturnType<typeof decodeRow>) => values.map((value) => (Buffer.isBuffer(value) ? String(value) : value));

test('a full row: null columns, and values behind the ninth', () => {
  const schema = binlogSchema([TINY, TEXT, ...Array.from({ length: 8 }, () => TINY)]);
  const image = Buffer.concat([Buffer.of(0b0000_1001, 0b1111_1101), Buffer.from([2, 0x61, 0x62, 3, 5, 6, 7, 8, 9])]);
  assert.deepEqual(shown(decodeRow(schema, image)), [null, 'ab', '3', null, '5', '6', '7', '8', null, '9']);
});

test('a partial row: columns that the log left out are absent, and take no bit among the nulls', () => {
  const schema = binlogSchema([TINY, TEXT, TINY, TINY], { isPartial: true });
  const image = Buffer.from([0b1110, 0b010, 1, 0x61, 7]);
  assert.deepEqual(shown(decodeRow(schema, image)), ['absent', 'a', null, '7']);
  assert.deepEqual(shown(decodeRow(schema, Buffer.from([0, 0]).subarray(0, 1))), ['absent', 'absent', 'absent', 'absent']);
});

test('of some columns: all others are absent, and nothing behind the last is looked at', () => {
  const schema = binlogSchema([TEXT, TINY, TEXT, TINY]);
  const image = Buffer.from([0b0000, 1, 0x61, 5, 0xff]);
  assert.deepEqual(shown(decodeRow(schema, image, [1])), ['absent', '5', 'absent', 'absent']);
  assert.deepEqual(shown(decodeRow(schema, Buffer.of(0b0010, 0), [1])), ['absent', null, 'absent', 'absent']);
  assert.deepEqual(shown(decodeRow(schema, Buffer.of(0), [])), ['absent', 'absent', 'absent', 'absent']);
});

test('an image that is cut short or too long is refused, wherever it is cut', () => {
  const schema = binlogSchema([TINY, TEXT, { type: ColumnType.blob, metadata: 4 }]);
  const image = Buffer.concat([Buffer.of(0, 1, 2, 0x61, 0x62, 3, 0, 0, 0), Buffer.from('abc')]);
  assert.deepEqual(shown(decodeRow(schema, image)), ['1', 'ab', 'abc']);
  for (let length = 0; length < image.length; length++) {
    assert.throws(() => decodeRow(schema, image.subarray(0, length)), { code: 'ROW_IMAGE_INVALID' }, `cut at ${length}`);
  }
  assert.throws(() => decodeRow(schema, Buffer.concat([image, Buffer.of(0)])), { code: 'ROW_IMAGE_INVALID' });
});

test('an output without room is said, and what stands behind the position given is left alone until then', () => {
  const schema = binlogSchema([TINY, TEXT]);
  const image = new ByteView(Buffer.of(0, 200, 3, 0x61, 0x62, 0x63));
  const decoder = compileBinlogDecoder(schema, null);
  const needed = 2 + (5 + 20) + (5 + 3);
  for (let size = 0; size < needed; size++) assert.equal(decoder.decode(image, 0, 6, new ByteView(new Uint8Array(size)), 0) > size, false);
  assert.equal(decoder.decode(image, 0, 6, new ByteView(new Uint8Array(needed)), 0), 2 + (5 + 3) + (5 + 3));
});

test('a type that no server documents, or metadata that its type cannot have, is named', () => {
  const unknown: readonly TestLogColumn[] = [
    { type: 0 },
    { type: 200 },
    { type: ColumnType.newDecimal, metadata: (66 << 8) | 2 },
    { type: ColumnType.newDecimal, metadata: (5 << 8) | 6 },
    { type: ColumnType.bit, metadata: 65 },
    { type: ColumnType.time2, metadata: 7 },
    { type: ColumnType.enum, metadata: 1 },
    { type: ColumnType.set, metadata: 9, labels: [] },
    { type: ColumnType.blob, metadata: 5 },
  ];
  for (const column of unknown) {
    assert.throws(() => decodeRow(binlogSchema([{ ...column, name: 'odd' }]), Buffer.of(0)), {
      code: 'COLUMN_TYPE_UNKNOWN',
      message: /odd of d\.t/,
    });
  }
});
