import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteView } from '../../../engine/base/byte-view.ts';
import { compileKey } from '../../../engine/dispatch/key.ts';
import { rowImage, tableSchema, UNCHANGED, type ImageValue, type TestColumn } from '../../support/rows.ts';

function keyOf(
  columns: readonly TestColumn[],
  key: readonly string[],
  image: readonly ImageValue[],
  old?: readonly ImageValue[],
  room = 256,
): string {
  const writer = compileKey(tableSchema(columns, key));
  assert.ok(writer !== null);
  const newBytes = rowImage(image);
  const oldBytes = old === undefined ? Buffer.alloc(0) : rowImage(old);
  // The image lies between other bytes, and ends where the memory ends when there is no old one.
  const bytes = Buffer.concat([Buffer.from('before'), newBytes, oldBytes]);
  const oldStart = 6 + newBytes.length;
  const out = new Uint8Array(3 + room).fill(0xee);
  const end = writer.write(new ByteView(bytes), 6, oldStart, new ByteView(out), 3, oldStart, bytes.length);
  return Buffer.from(out.subarray(3, end)).toString();
}

const ID = { name: 'id', kind: 'int' } as const;
const NAME = { name: 'name', kind: 'text' } as const;
const AT = { name: 'at', kind: 'timestamptz' } as const;

test('a key is an object of its columns under their own names', () => {
  assert.equal(keyOf([ID, NAME], ['id'], ['1', 'x']), '{"id":1}');
  assert.equal(keyOf([NAME, ID], ['id'], ['x', '42']), '{"id":42}');
  assert.equal(
    keyOf([{ name: 'hash', kind: 'text' }], ['hash'], ['5dc0ac66-6f92-4aa9-8672-4312b3666c15']),
    '{"hash":"5dc0ac66-6f92-4aa9-8672-4312b3666c15"}',
  );
});

test('several columns stand in the order of the key, not of the table', () => {
  assert.equal(keyOf([ID, NAME, AT], ['at', 'id'], ['1', 'x', '2025-09-09 11:28:43+00']), '{"at":"2025-09-09 11:28:43.000000","id":1}');
});

test('names and values are escaped as in data', () => {
  assert.equal(keyOf([{ name: 'k"😁', kind: 'text' }], ['k"😁'], ['a😁b\n']), '{"k\\"\\uD83D\\uDE01":"a\\uD83D\\uDE01b\\n"}');
  assert.equal(keyOf([{ name: 'Mixed Case', kind: 'bool' }], ['Mixed Case'], ['t']), '{"Mixed Case":true}');
  assert.equal(keyOf([{ name: 'n', kind: 'decimal' }], ['n'], ['-1.50']), '{"n":-1.50}');
});

test('a table without a key has no key writer', () => {
  assert.equal(compileKey(tableSchema([ID], [])), null);
});

test('a key column that is unchanged and stored out of line comes from the old image', () => {
  assert.equal(keyOf([ID, NAME], ['id', 'name'], ['1', UNCHANGED], ['1', 'long']), '{"id":1,"name":"long"}');
});

test('a key that the server did not send is an error, never a wrong key', () => {
  const error = { code: 'KEY_COLUMN_UNKNOWN', message: /public\.tx .*key column name/ };
  assert.throws(() => keyOf([ID, NAME], ['id', 'name'], ['1', UNCHANGED]), error);
  assert.throws(() => keyOf([ID, NAME], ['id', 'name'], ['1', UNCHANGED], ['1', null]), error);
  assert.throws(() => keyOf([ID, NAME], ['id', 'name'], ['1', null]), error);
});

test('a key goes into just enough room, and a larger one is an error with both sizes', () => {
  const text = 'x'.repeat(1_000);
  const fits = (room: number) => keyOf([NAME], ['name'], [text], undefined, room);
  assert.equal(fits(1_060), `{"name":"${text}"}`);
  assert.throws(() => fits(1_011), {
    code: 'KEY_TOO_LARGE',
    message: /^the key of a row of public\.tx takes up to 1048 bytes; at most 1011 are possible$/,
  });
});

test('an image that is cut is an error', () => {
  const writer = compileKey(tableSchema([ID, NAME], ['id']))!;
  const image = new ByteView(rowImage(['123456', 'x']));
  const out = new ByteView(new Uint8Array(100));
  for (let end = 0; end < 13; end++) {
    assert.throws(() => writer.write(image, 0, end, out, 0, 0, 0), { code: 'ROW_IMAGE_INVALID' }, `cut at ${end}`);
  }
});
