import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KnownTables } from '../../../engine/encode/known-tables.ts';
import { Row, SCHEMA_HEADER_BYTES, SCHEMA_TEXT_LENGTH } from '../../../engine/ring/layout.ts';
import { INVERTED, inverted } from '../../support/row-forms.ts';
import { rowRecord } from '../../support/rows.ts';
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
  const tables = new KnownTables({ inverted: () => inverted });
  const canonical = numberedTable(1);
  const formed = { ...numberedTable(2), form: INVERTED };
  assert.equal(tables.add(schemaRecord(canonical)).decoder, null);
  assert.equal(tables.add(schemaRecord(formed)).decoder, inverted);
  const of = (schemaId: number) => {
    const row = rowRecord({ operation: 'insert', new: ['1'], schemaId });
    assert.equal(row.words[Row.schemaId >> 2], schemaId);
    return tables.of(row);
  };
  assert.deepEqual([of(1)?.routed.schema, of(1)?.canonical.schema], [canonical, canonical]);
  assert.deepEqual([of(2)?.routed.schema, of(2)?.canonical.schema], [formed, numberedTable(2)]);
  assert.equal(of(3), undefined);
});
