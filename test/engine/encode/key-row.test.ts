import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteView } from '../../../engine/base/byte-view.ts';
import { PLAIN_ROWS, type RowStyle } from '../../../engine/change/json/object.ts';
import { keyRowTemplate } from '../../../engine/encode/key-row.ts';
import { rowImage, tableSchema } from '../../support/rows.ts';

const SCHEMA = tableSchema(
  [
    { name: 'a', kind: 'text' },
    { name: 'b', kind: 'int' },
    { name: 'c', kind: 'int' },
    { name: 'd', kind: 'text' },
  ],
  ['c', 'b'],
);

function written(style: Partial<RowStyle>, others: 'null' | 'none'): string {
  const template = keyRowTemplate(SCHEMA, { ...PLAIN_ROWS, ...style }, others);
  const input = new ByteView(rowImage(['x', '1', '2', 'y']));
  const output = new ByteView(new Uint8Array(template.locate(input, 0, input.bytes.length, 0, 0)));
  return Buffer.from(output.bytes.subarray(0, template.write(input, output, 0))).toString();
}

test('the key stands in the order of the table, the other columns are null or not there', () => {
  assert.equal(written({}, 'null'), '{"a":null,"b":1,"c":2,"d":null}');
  assert.equal(written({}, 'none'), '{"b":1,"c":2}');
});

test('names and exclusions are those of the row', () => {
  assert.equal(written({ nameOf: (name) => name.toUpperCase(), isExcluded: (name) => name === 'b' }, 'null'), '{"A":null,"C":2,"D":null}');
  assert.equal(written({ isExcluded: () => true }, 'null'), '{}');
  assert.equal(written({ isExcluded: (name) => name === 'a' }, 'null'), '{"b":1,"c":2,"d":null}');
});
