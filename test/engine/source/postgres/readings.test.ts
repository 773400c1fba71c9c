import assert from 'node:assert/strict';
import test from 'node:test';
import type { Standing, TableReading } from '../../../../engine/source/postgres/catalog-queries.ts';
import { Readings } from '../../../../engine/source/postgres/readings.ts';
import { Snapshot } from '../../../../engine/source/postgres/snapshot.ts';

function reading(low: number, key: string, standing: Standing = 'newer', relationId = 1): TableReading {
  const lsn = { high: 0, low };
  return {
    relationId,
    firstSeenAt: lsn,
    snapshot: new Snapshot(`${low}:${low}:`),
    name: { schema: 's', table: 't' },
    ancestors: [],
    columns: [],
    hasColumnList: false,
    primaryKey: { columns: [key], isImmediate: true, standing },
    identityIndex: null,
  };
}

/** The snapshot of `reading(low)` shows transactions below `low`. */
function newestShown(snapshot: Snapshot): number {
  let xid = 0;
  while (snapshot.shows(xid)) xid += 1;
  return xid;
}

function summary(readings: Readings, relationId = 1): string[] {
  return readings
    .of(relationId)
    .map(({ primaryKey, firstSeenAt, snapshot }) => `${primaryKey?.columns[0]} ${firstSeenAt.low}-${newestShown(snapshot)}`);
}

test('readings are kept newest first, for each table', () => {
  const readings = new Readings();
  readings.remember(reading(1, 'a'));
  readings.remember(reading(2, 'b'));
  readings.remember(reading(3, 'c', 'newer', 2));
  assert.deepEqual(summary(readings), ['b 2-2', 'a 1-1']);
  assert.deepEqual(summary(readings, 2), ['c 3-3']);
  assert.deepEqual(summary(readings, 3), []);
});

test('the same again stretches the time for which it held', () => {
  const readings = new Readings();
  for (const low of [1, 2, 3]) readings.remember(reading(low, 'a'));
  readings.remember(reading(4, 'b'));
  readings.remember(reading(5, 'a'));
  assert.deepEqual(summary(readings), ['a 5-5', 'b 4-4', 'a 1-3']);
});

test('a key that has settled is the same key', () => {
  const readings = new Readings();
  readings.remember(reading(1, 'a', 'newer'));
  readings.remember(reading(2, 'a', 'settled'));
  assert.deepEqual(summary(readings), ['a 1-2']);
  assert.equal(readings.of(1)[0]?.primaryKey?.standing, 'settled');
});

test('older than one transaction is not older than the next one that asks', () => {
  const readings = new Readings();
  readings.remember(reading(1, 'a', 'older'));
  assert.equal(readings.of(1)[0]?.primaryKey?.standing, 'newer');
});

test('a table that changes all the time keeps its last readings', () => {
  const readings = new Readings();
  for (let low = 1; low <= 100; low++) readings.remember(reading(low, String(low)));
  assert.deepEqual(summary(readings).slice(0, 2), ['100 100-100', '99 99-99']);
  assert.equal(readings.of(1).length, 8);
});
