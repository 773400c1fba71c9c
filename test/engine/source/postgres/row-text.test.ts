import assert from 'node:assert/strict';
import test from 'node:test';
import { refuseForeignText } from '../../../../engine/source/postgres/row-text.ts';
import { rowImage, tableSchema, UNCHANGED, type ImageValue } from '../../../support/rows.ts';

const SCHEMA = tableSchema(
  [
    { name: 'a', kind: 'text' },
    { name: 'b', kind: 'text' },
    { name: 'c', kind: 'text' },
  ],
  ['a'],
);
const TABLE = { name: 's.t', schema: SCHEMA, schemaId: 1, columnCount: 3, signal: null };

const PLACE = { xid: 7, from: { high: 1, low: 0xff }, to: { high: 2, low: 0 } };

function refuse(values: readonly ImageValue[]): void {
  const image = rowImage(values);
  // A length byte of 128 to 255 is no UTF-8 by itself: only values may be looked at.
  refuseForeignText(TABLE, image, 0, image.length, PLACE);
}

test('UTF-8 passes, with nulls and unchanged values between', () => {
  refuse(['ä€😀', null, UNCHANGED]);
  refuse(['x'.repeat(200), 'y'.repeat(70_000), '']);
});

test('anything else names the column, the table and the place', () => {
  const latin1 = Buffer.from('caf\xe9', 'latin1');
  assert.throws(() => refuse(['a', latin1, 'c']), { code: 'TEXT_NOT_UTF8', message: /column b of s\.t .*transaction 7 at 1\/FF/ });
  assert.throws(() => refuse(['x'.repeat(200), null, latin1]), { details: { table: 's.t', column: 'c', lsn: '1/FF', xid: 7 } });
  // Cut in the middle of a character, and surrogates written as if they were characters.
  for (const bytes of [
    [0xe2, 0x82],
    [0xed, 0xa0, 0x80],
    [0xc0, 0x80],
  ])
    assert.throws(() => refuse([Uint8Array.from(bytes), null, null]));
});

test('an empty range holds no image', () => {
  refuseForeignText(TABLE, new Uint8Array(0), 0, 0, PLACE);
});
