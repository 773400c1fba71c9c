import assert from 'node:assert/strict';
import test from 'node:test';
import { parseRelation, parseType } from '../../../../engine/source/postgres/relation-message.ts';
import { relation, text, u32 } from '../../../support/pgoutput-frames.ts';

/** Header of the message, header of XLogData, the type. */
const BODY = 5 + 25 + 1;
const TABLE = {
  id: 0xffff_fff0,
  schema: 's',
  table: 'tä',
  identity: 'i',
  columns: [
    ['*id', 20],
    ['v', 1043, 20],
    ['w', 25, -1],
  ],
} as const;

test('a table is read with its columns, modifiers signed and oids not', () => {
  const bytes = relation(1n, TABLE);
  assert.deepEqual(parseRelation(bytes, BODY, bytes.length), {
    relationId: 0xffff_fff0,
    schema: 's',
    table: 'tä',
    replicaIdentity: 'index',
    columns: [
      { isKey: true, name: 'id', typeOid: 20, typeModifier: -1 },
      { isKey: false, name: 'v', typeOid: 1043, typeModifier: 20 },
      { isKey: false, name: 'w', typeOid: 25, typeModifier: -1 },
    ],
  });
});

test('an empty schema is pg_catalog', () => {
  const bytes = relation(1n, { ...TABLE, schema: '' });
  assert.equal(parseRelation(bytes, BODY, bytes.length).schema, 'pg_catalog');
  const type = Buffer.concat([u32(5), text(''), text('t')]);
  assert.deepEqual(parseType(type, 0, type.length), { typeOid: 5, schema: 'pg_catalog', name: 't' });
});

test('a message cut at any byte, or too long, is a named error', () => {
  const bytes = relation(1n, TABLE);
  for (let end = BODY; end < bytes.length; end++) {
    assert.throws(() => parseRelation(bytes, BODY, end), { code: 'STREAM_PROTOCOL' });
  }
  const longer = Buffer.concat([bytes, Buffer.of(0)]);
  assert.throws(() => parseRelation(longer, BODY, longer.length), { code: 'STREAM_PROTOCOL' });
  const type = Buffer.concat([u32(5), text('s'), text('t')]);
  for (let end = 0; end < type.length; end++) assert.throws(() => parseType(type, 0, end), { code: 'STREAM_PROTOCOL' });
});

test('a name that is not UTF-8 is a named error that shows it', () => {
  const type = Buffer.concat([u32(5), text('s'), Buffer.from('caf\xe9\0', 'latin1')]);
  assert.throws(() => parseType(type, 0, type.length), { code: 'TEXT_NOT_UTF8', message: /café/ });
});
