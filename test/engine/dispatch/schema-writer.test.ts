import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeSchema } from '../../../engine/dispatch/schema-writer.ts';
import { RecordKind, SCHEMA_HEADER_BYTES, SCHEMA_TEXT_LENGTH } from '../../../engine/ring/layout.ts';
import { bothEnds } from '../ring/rings.ts';

test('a schema of any length is a record with its text; without room its length is told', () => {
  const { writer, reader } = bothEnds({ sideBytes: 100_000 });
  const texts = ['short', 'x'.repeat(60_000)];
  for (const text of texts) assert.equal(writeSchema(writer, Buffer.from(text)), 0);
  assert.equal(writeSchema(writer, Buffer.from('y'.repeat(60_000))), 60_016);
  writer.publishTo(writer.position);
  reader.claim();
  for (const text of texts) {
    assert.ok(reader.next());
    assert.equal(reader.kind, RecordKind.schema);
    const start = reader.record + SCHEMA_HEADER_BYTES;
    const length = reader.words[(reader.record + SCHEMA_TEXT_LENGTH) >> 2]!;
    assert.equal(Buffer.from(reader.bytes.slice(start, start + length)).toString(), text);
  }
  assert.equal(reader.next(), false);
});
