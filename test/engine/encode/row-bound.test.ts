import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteView } from '../../../engine/base/byte-view.ts';
import { PLAIN_ROWS, RowObject } from '../../../engine/change/json/object.ts';
import { RowBound } from '../../../engine/encode/row-bound.ts';
import { rowImage, tableSchema, UNCHANGED } from '../../support/rows.ts';

const SCHEMA = tableSchema(
  [
    { name: 'a', kind: 'text' },
    { name: 'b', kind: 'text' },
  ],
  ['a'],
);

test('a column is bound by its values, and an unchanged one by what fills it', () => {
  const bound = new RowBound('t', new RowObject(SCHEMA, PLAIN_ROWS));
  const old = rowImage(['x'.repeat(100), 'y'.repeat(1_000)]);
  const input = new ByteView(Buffer.concat([old, rowImage(['z', UNCHANGED])]));
  bound.locate(input, 0, old.length, input.bytes.length);
  const near = (bytes: number, length: number) => assert.ok(bytes >= length + 2 && bytes < length + 50, `${bytes} for ${length}`);
  near(bound.old(0, input), 100);
  near(bound.old(1, input), 1_000);
  near(bound.new(0, input), 1);
  assert.equal(bound.new(1, input), 0);
  near(bound.filled(0, input), 1);
  near(bound.filled(1, input), 1_000);
  assert.ok(bound.wide(1_000, 2) > 12_000);
});

test('an image that is not there binds nothing', () => {
  const bound = new RowBound('t', new RowObject(SCHEMA, PLAIN_ROWS));
  const input = new ByteView(rowImage(['a', 'b']));
  bound.locate(input, 0, 0, input.bytes.length);
  assert.equal(bound.old(0, input), 0);
  bound.locate(input, 0, input.bytes.length, input.bytes.length);
  assert.equal(bound.new(0, input) + bound.filled(1, input) - bound.old(1, input), 0);
});
