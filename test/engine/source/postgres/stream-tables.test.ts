import assert from 'node:assert/strict';
import test from 'node:test';
import type { RelationMessage } from '../../../../engine/source/postgres/relation-message.ts';
import { StreamTables } from '../../../../engine/source/postgres/stream-tables.ts';
import { DescribedTables } from '../../../support/pgoutput-reader.ts';
import { RecordingSink } from '../../../support/recording-sink.ts';

const PLACE = { xid: 1, from: { high: 0, low: 1 }, to: { high: 0, low: 2 } };

function relation(relationId: number, table: string): RelationMessage {
  return {
    relationId,
    schema: 's',
    table,
    replicaIdentity: 'default',
    columns: [{ name: 'a', isKey: true, typeOid: 25, typeModifier: -1 }],
  };
}

test('tables are found by their relation id, all 32 bits of it', () => {
  const tables = new StreamTables({ sink: new RecordingSink(), binder: new DescribedTables(), signals: null });
  tables.describe(relation(0xffff_fff0, 'high'), PLACE);
  tables.describe(relation(5, 'low'), PLACE);
  assert.equal(tables.find(0xffff_fff0 | 0)?.name, 's.high');
  assert.equal(tables.find(5)?.name, 's.low');
  assert.equal(tables.find(6), undefined);
  assert.equal(tables.find(5)?.columnCount, 1);
});

test('a new description of the table that was last used takes effect', () => {
  const tables = new StreamTables({ sink: new RecordingSink(), binder: new DescribedTables(), signals: null });
  tables.describe(relation(5, 'before'), PLACE);
  tables.find(5);
  tables.describe(relation(5, 'after'), PLACE);
  assert.equal(tables.find(5)?.name, 's.after');
});

test('nothing is known after a reconnect', () => {
  const tables = new StreamTables({ sink: new RecordingSink(), binder: new DescribedTables(), signals: null });
  tables.describe(relation(5, 't'), PLACE);
  tables.find(5);
  tables.clear();
  assert.equal(tables.find(5), undefined);
});

test('while the catalogue is asked, nothing is known either', () => {
  const binder = new DescribedTables();
  const tables = new StreamTables({ sink: new RecordingSink(), binder: binder, signals: null });
  binder.pending = 1;
  assert.equal(tables.describe(relation(5, 't'), PLACE), false);
  assert.equal(tables.find(5), undefined);
  assert.equal(tables.describe(relation(5, 't'), PLACE), true);
});

test('a version is shown to the sink once, however often it is described', () => {
  const sink = new RecordingSink();
  sink.unwanted.add('s.t');
  const tables = new StreamTables({ sink, binder: new DescribedTables(), signals: null });
  for (let i = 0; i < 3; i++) tables.describe(relation(5, 't'), PLACE);
  assert.equal(sink.schemas.length, 1);
  assert.deepEqual([tables.find(5)?.schema, tables.find(5)?.schemaId], [null, -1]);
});

test('what the binder does not select is not shown', () => {
  const sink = new RecordingSink();
  const tables = new StreamTables({ sink, binder: { bind: () => 'unselected', nameType: () => undefined }, signals: null });
  assert.equal(tables.describe(relation(5, 't'), PLACE), true);
  assert.equal(sink.schemas.length, 0);
  assert.equal(tables.find(5)?.schema, null);
});
