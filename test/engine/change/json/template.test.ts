import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteView } from '../../../../engine/base/byte-view.ts';
import { Template, type Missing } from '../../../../engine/change/json/template.ts';
import { ABSENT, rowImage, tableSchema, UNCHANGED, type ImageValue } from '../../../support/rows.ts';

const SCHEMA = tableSchema(
  [
    { name: 'a', kind: 'text' },
    { name: 'b', kind: 'int' },
    { name: 'c', kind: 'datetime' },
    { name: 'd', kind: 'text' },
  ],
  ['b'],
);

function written(
  columns: readonly number[],
  constants: readonly string[],
  image: readonly ImageValue[],
  old?: readonly ImageValue[],
  missing: Missing = 'error',
): string {
  const template = new Template(
    SCHEMA,
    columns,
    constants.map((text) => Buffer.from(text)),
    missing,
  );
  const newBytes = rowImage(image);
  const oldBytes = old === undefined ? Buffer.alloc(0) : rowImage(old);
  const input = new ByteView(Buffer.concat([newBytes, oldBytes]));
  const wide = template.locate(input, 0, newBytes.length, newBytes.length, input.bytes.length);
  const close = template.bound(input);
  assert.ok(close <= wide);
  const output = new ByteView(new Uint8Array(close));
  return Buffer.from(output.bytes.subarray(0, template.write(input, output, 0))).toString();
}

test('constants and values alternate, in the order of the columns given', () => {
  assert.equal(written([1], ['{"b":', '}'], ['x', '7', null, null]), '{"b":7}');
  assert.equal(
    written([2, 0, 1], ['[', ' ', '/', ']'], ['a"b', '-0', '2025-01-02 03:04:05', null]),
    '["2025-01-02 03:04:05.000000" "a\\"b"/-0]',
  );
  assert.equal(written([], ['nothing'], ['x', '7', null, null]), 'nothing');
});

test('an unchanged value is taken from the old image', () => {
  assert.equal(written([0, 1], ['', ':', ''], [UNCHANGED, '2', null, null], ['old', '1', null, null]), '"old":2');
  assert.equal(written([0, 1], ['', ':', ''], [ABSENT, '2', null, null], ['old', '1', null, null]), '"old":2');
});

test('a value that is nowhere is an error that names its column', () => {
  const unknown = (image: readonly ImageValue[], old?: readonly ImageValue[]) => () => written([0], ['', ''], image, old);
  const details = { table: 'public.tx', column: 'a' };
  assert.throws(unknown([UNCHANGED, '1', null, null]), {
    code: 'KEY_COLUMN_UNKNOWN',
    message: /key column a \(unchanged, stored out of line\)/,
    details,
  });
  assert.throws(unknown([ABSENT, '1', null, null]), {
    code: 'KEY_COLUMN_UNKNOWN',
    message: /key column a \(unchanged, left out of the log\)/,
  });
  assert.throws(unknown([UNCHANGED, '1', null, null], [null, '1', null, null]), { code: 'KEY_COLUMN_UNKNOWN', details });
  assert.throws(unknown([null, '1', null, null], ['old', '1', null, null]), {
    code: 'KEY_COLUMN_UNKNOWN',
    message: /key column a \(null\)/,
    details,
  });
});

test('a value that is nowhere is null where that is allowed', () => {
  assert.equal(written([0, 1], ['[', ',', ']'], [null, '1', null, null], undefined, 'null'), '[null,1]');
  assert.equal(written([1, 0], ['[', ',', ']'], [UNCHANGED, '1', null, null], undefined, 'null'), '[1,null]');
  assert.equal(written([0], ['[', ']'], [UNCHANGED, '1', null, null], ['old', null, null, null], 'null'), '["old"]');
});

test('columns behind the last wanted one are not looked at', () => {
  const template = new Template(SCHEMA, [1], [Buffer.of(), Buffer.of()], 'error');
  const image = rowImage(['x', '7', null, null]).subarray(0, -2);
  const input = new ByteView(image);
  template.locate(input, 0, image.length, 0, 0);
  assert.throws(() => template.locate(input, 0, image.length - 1, 0, 0), { code: 'ROW_IMAGE_INVALID' });
});
