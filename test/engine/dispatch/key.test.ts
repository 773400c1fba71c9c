import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteView } from '../../../engine/base/byte-view.ts';
import { compileKey, markKey, namesTable, type KeyFormat } from '../../../engine/dispatch/key.ts';
import { ABSENT, rowImage, tableSchema, UNCHANGED, type ImageValue, type TestColumn } from '../../support/rows.ts';

function keyOf(
  columns: readonly TestColumn[],
  key: readonly string[],
  image: readonly ImageValue[],
  old?: readonly ImageValue[],
  room = 256,
  format: KeyFormat = 'primary_key',
): string {
  const writer = compileKey(tableSchema(columns, key), format, 'tx');
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

test('the other formats name database and table, and columns in lower case', () => {
  const columns = [
    { name: 'ID', kind: 'int' },
    { name: 'Account', kind: 'text' },
  ] as const;
  const of = (format: KeyFormat) => keyOf(columns, ['ID', 'Account'], ['111', '5dc0'], undefined, 256, format);
  assert.equal(of('primary_key'), '{"ID":111,"Account":"5dc0"}');
  assert.equal(of('hash'), '{"database":"test","table":"tx","pk.id":111,"pk.account":"5dc0"}');
  assert.equal(of('table_primary_key'), of('hash'));
  assert.equal(of('array'), '["test","tx",[{"id":111},{"account":"5dc0"}]]');
  const one = (format: KeyFormat) => keyOf([ID, NAME], ['id'], ['1', 'x'], undefined, 256, format);
  assert.deepEqual([one('hash'), one('array')], ['{"database":"test","table":"tx","pk.id":1}', '["test","tx",[{"id":1}]]']);
  assert.deepEqual((['primary_key', 'table_primary_key', 'hash', 'array'] as const).map(namesTable), [false, true, true, true]);
});

test('database, table and column are escaped in every format', () => {
  const schema = tableSchema([{ name: 'k"', kind: 'int' }], ['k"'], { database: 'd"' });
  const input = new ByteView(rowImage(['1']));
  const out = new ByteView(new Uint8Array(256));
  const of = (format: KeyFormat) =>
    Buffer.from(out.bytes.subarray(0, compileKey(schema, format, 't\\')!.write(input, 0, input.bytes.length, out, 0, 0, 0))).toString();
  assert.equal(of('hash'), '{"database":"d\\"","table":"t\\\\","pk.k\\"":1}');
  assert.equal(of('array'), '["d\\"","t\\\\",[{"k\\"":1}]]');
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
  assert.equal(compileKey(tableSchema([ID], []), 'hash', 'tx'), null);
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
  const writer = compileKey(tableSchema([ID, NAME], ['id']), 'primary_key', 'tx')!;
  const image = new ByteView(rowImage(['123456', 'x']));
  const out = new ByteView(new Uint8Array(100));
  for (let end = 0; end < 13; end++) {
    assert.throws(() => writer.write(image, 0, end, out, 0, 0, 0), { code: 'ROW_IMAGE_INVALID' }, `cut at ${end}`);
  }
});

test('what is about a table and no row has a key of its own, in the form of the others', () => {
  const text = (format: KeyFormat) => Buffer.from(markKey(format, 'shop', 'süd "x"')).toString();
  assert.equal(text('primary_key'), '{"database":"shop","table":"süd \\"x\\""}');
  assert.equal(text('hash'), '{"database":"shop","table":"süd \\"x\\""}');
  assert.equal(text('array'), '["shop","süd \\"x\\"",[]]');
});

test('values stand in keys as their columns declare them', () => {
  const columns = [
    { name: 'day', kind: 'date' },
    { name: 'raw', kind: 'bytes' },
    { name: 'n', kind: 'decimal' },
    { name: 'at', kind: 'time' },
    { name: 'tags', kind: 'set' },
  ] as const;
  const names = columns.map(({ name }) => name);
  const schema = tableSchema(columns, names, { valueForm: 'declared' });
  const input = new ByteView(rowImage(['2015-00-01', '\\x00', '0.0000000', '-01:00:00', 'a,b']));
  const out = new ByteView(new Uint8Array(1024));
  const end = compileKey(schema, 'hash', 'tx')!.write(input, 0, input.bytes.length, out, 0, 0, 0);
  assert.equal(
    Buffer.from(out.bytes.subarray(0, end)).toString(),
    '{"database":"test","table":"tx","pk.day":"0000-00-00","pk.raw":"XHgwMA==","pk.n":0E-7,"pk.at":"-01:00:00","pk.tags":["a","b"]}',
  );
});

test('a key that the log left out of the new row is that of the old one', () => {
  assert.equal(keyOf([ID, NAME], ['id'], [ABSENT, 'x'], ['7', ABSENT]), '{"id":7}');
  assert.throws(() => keyOf([ID, NAME], ['id'], [ABSENT, 'x']), { code: 'KEY_COLUMN_UNKNOWN', message: /left out of the log/ });
});
