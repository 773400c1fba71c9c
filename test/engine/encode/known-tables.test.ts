import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KnownTables } from '../../../engine/encode/known-tables.ts';
import { SCHEMA_HEADER_BYTES, SCHEMA_TEXT_LENGTH } from '../../../engine/ring/layout.ts';
import { INVERTED, invert, inverted } from '../../support/row-forms.ts';
import { rowImage, rowRecord } from '../../support/rows.ts';
import { numberedTable } from './workers.ts';

function schemaRecord(schema: object) {
  const text = Buffer.from(JSON.stringify({ schema, tableName: 't', deadLetters: null }));
  const bytes = new Uint8Array(new SharedArrayBuffer((SCHEMA_HEADER_BYTES + text.length + 7) & ~7));
  const words = new Int32Array(bytes.buffer);
  words[SCHEMA_TEXT_LENGTH >> 2] = text.length;
  bytes.set(text, SCHEMA_HEADER_BYTES);
  return { bytes, words, record: 0 };
}

test('a table of which the worker was told is found by its rows, with the decoder of its form', () => {
  const tables = new KnownTables({ inverted: () => inverted }, 1_000_000);
  const canonical = numberedTable(1);
  const formed = { ...numberedTable(2), form: INVERTED };
  assert.equal(tables.add(schemaRecord(canonical)).decoder, null);
  assert.equal(tables.add(schemaRecord(formed)).decoder, inverted);
  const row = (schemaId: number, image: Uint8Array) => rowRecord({ operation: 'insert', new: image, schemaId });
  const image = rowImage(['1', 'a']);
  const plain = row(1, image);
  assert.equal(tables.canonical(plain), plain);
  assert.equal(tables.schemaOf(plain)?.schema.table, 't1');
  const raw = row(2, invert(image));
  assert.deepEqual(tables.schemaOf(raw)?.schema, formed);
  const decoded = tables.canonical(raw);
  assert.deepEqual(Buffer.from(decoded.bytes.slice(0, raw.bytes.length)), Buffer.from(row(2, image).bytes));
  assert.deepEqual(tables.schemaOf(decoded)?.schema, numberedTable(2), 'whose images are canonical now');
  assert.equal(tables.schemaOf(row(3, image)), undefined);
});
