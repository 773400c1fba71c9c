import assert from 'node:assert/strict';
import test from 'node:test';
import type { TableSchema } from '../../../engine/change/table-schema.ts';
import { ENCODE_FULL, type KvJsonOptions } from '../../../engine/encode/encoder.ts';
import { KvJsonEncoder } from '../../../engine/encode/kv-json.ts';
import { KV_JSON } from '../../support/formats.ts';
import { arrayOf } from '../../support/json-value.ts';
import { encodeBothWays } from '../../support/native-rows.ts';
import { rowRecord, tableSchema, UNCHANGED, type TestRow } from '../../support/rows.ts';

const TX = tableSchema(
  [
    { name: 'hash', kind: 'text' },
    { name: 'maker', kind: 'text' },
    { name: 'ts', kind: 'datetime' },
    { name: 'volume', kind: 'decimal' },
  ],
  ['hash'],
);

/** The message, null for one without a value. */
function message(row: TestRow, options: Partial<KvJsonOptions> = {}, schema: TableSchema = TX): string | null {
  const encoder = new KvJsonEncoder({ ...KV_JSON, ...options });
  return encodeBothWays(encoder, { schema, tableName: 'tx' }, rowRecord(row, 8))?.toString() ?? null;
}

const HASH = '0496f994-3c42-4cf3-86f0-7faf20699bd5';
const padded = (volume: string) => volume + '0'.repeat(60 - volume.split('.')[1]!.length);

test('the published sample comes out byte for byte, but for its blanks', () => {
  // numeric(160,60): the server pads the fraction to 60 digits.
  const row: TestRow = { operation: 'insert', new: [HASH, '840', '2025-09-09 16:56:56.449', padded('230.33037109759')] };
  assert.equal(message(row), `{"hash":"${HASH}","maker":"840","ts":"2025-09-09 16:56:56.449000","volume":230.33037109759}`);
});

test('decimals lose the zeros at the end of their fraction and nothing else does', () => {
  const schema = tableSchema(
    [
      { name: 'd', kind: 'decimal' },
      { name: 'f', kind: 'float64' },
      { name: 'i', kind: 'int' },
      { name: 't', kind: 'text' },
      { name: 'a', ...arrayOf('decimal') },
    ],
    ['i'],
  );
  const written = (decimal: string) =>
    message({ operation: 'insert', new: [decimal, '1.50', '100', '1.50', `{${decimal},NULL}`] }, {}, schema);
  const expected = (decimal: string) => `{"d":${decimal},"f":1.50,"i":100,"t":"1.50","a":[${decimal},null]}`;
  for (const [given, kept] of [
    ['100.00', '100'],
    ['0.00', '0'],
    ['100', '100'],
    ['0', '0'],
    ['-1.50', '-1.5'],
    ['10.01', '10.01'],
    ['10.0100', '10.01'],
    ['0.000', '0'],
    ['-100.000', '-100'],
    [padded('12345678901234567890.10'), '12345678901234567890.1'],
    ['1000000000000000000000000000', '1000000000000000000000000000'],
    ['NaN', '"NaN"'],
    ['-Infinity', '"-Infinity"'],
  ]) {
    assert.equal(written(given!), expected(kept!));
  }
});

test('an update is the new row, whatever is known of the old one', () => {
  const row = `{"hash":"h","maker":"2","ts":null,"volume":1}`;
  assert.equal(message({ operation: 'update', new: ['h', '2', null, '1.0'] }), row);
  assert.equal(message({ operation: 'update', oldImage: 'key', old: ['h', null, null, null], new: ['h', '2', null, '1.0'] }), row);
  assert.equal(message({ operation: 'update', oldImage: 'full', old: ['h', '1', null, '2'], new: ['h', '2', null, '1.0'] }), row);
});

test('unchanged TOAST is left out unless the old row has it', () => {
  const image = ['h', UNCHANGED, null, '1.0'] as const;
  assert.equal(message({ operation: 'update', new: image }), '{"hash":"h","ts":null,"volume":1}');
  const full: TestRow = { operation: 'update', oldImage: 'full', old: ['h', 'long', null, '2'], new: image };
  assert.equal(message(full), '{"hash":"h","maker":"long","ts":null,"volume":1}');
  // The insert half of a changed key keeps the old image.
  assert.equal(message({ ...full, operation: 'insert' }), '{"hash":"h","maker":"long","ts":null,"volume":1}');
});

test('a delete has no value, or by option the columns of its key', () => {
  const key: TestRow = { operation: 'delete', oldImage: 'key', old: ['h2', null, null, null] };
  const full: TestRow = { operation: 'delete', oldImage: 'full', old: ['h2', 'm', null, '1'] };
  for (const row of [key, full]) {
    assert.equal(message(row), null);
    assert.equal(message(row, { deletes: 'key' }), '{"hash":"h2"}');
  }
  const composite = { ...TX, keyColumns: [3, 0] };
  assert.equal(message(full, { deletes: 'key' }, composite), '{"hash":"h2","volume":1}');
});

test('a delete in a table without a key is a named error, its other rows are not', () => {
  const keyless = { ...TX, keyColumns: [], primaryKey: [] };
  assert.equal(
    message({ operation: 'insert', new: ['h', null, null, null] }, {}, keyless),
    '{"hash":"h","maker":null,"ts":null,"volume":null}',
  );
  for (const deletes of ['tombstone', 'key'] as const) {
    assert.throws(() => message({ operation: 'delete', oldImage: 'full', old: ['h', 'm', null, '1'] }, { deletes }, keyless), {
      code: 'DELETE_WITHOUT_KEY',
      message: /public\.tx/,
    });
  }
});

test('columns are left out by name and by null', () => {
  const row: TestRow = { operation: 'insert', new: ['h', 'm', null, '1'] };
  assert.equal(message(row, { nulls: false }), '{"hash":"h","maker":"m","volume":1}');
  assert.equal(message(row, { excludeColumns: ['maker', '/v.*/'] }), '{"hash":"h","ts":null}');
  assert.equal(message(row, { excludeColumns: ['/.*/'] }), '{}');
});

test('a message goes into little more room than it needs, and never into less', () => {
  const big = 'x'.repeat(30_000);
  const rows: TestRow[] = [
    { operation: 'insert', new: ['h', big, null, '1'] },
    { operation: 'update', oldImage: 'full', old: ['h', big, null, '1'], new: ['h', UNCHANGED, null, '1'] },
    { operation: 'update', oldImage: 'full', old: ['h', big, null, '1'], new: ['h', big, null, '1'] },
    { operation: 'delete', oldImage: 'key', old: [big, null, null, null] },
  ];
  for (const row of rows) {
    const encoder = new KvJsonEncoder({ ...KV_JSON, deletes: 'key' });
    encoder.schema({ schema: TX, tableName: 'tx' });
    const { bytes, words, record } = rowRecord(row);
    const into = (room: number) => encoder.encode(bytes, words, record, new Uint8Array(room), 0);
    const size = into(1_000_000);
    for (const short of [1, 7, 8, 100, 10_000]) assert.equal(into(size - short), ENCODE_FULL);
    assert.equal(into(size + 400), size);
  }
});

test('a row of a schema that was never announced is an error', () => {
  const { bytes, words, record } = rowRecord({ operation: 'insert', new: ['1'], schemaId: 9 });
  assert.throws(() => new KvJsonEncoder(KV_JSON).encode(bytes, words, record, new Uint8Array(100), 0), {
    code: 'INTERNAL',
    message: /schema 9/,
  });
});
