import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SnapshotLedger } from '../../../engine/checkpoint/snapshot-ledger.ts';
import { SNAPSHOT } from './sample.ts';

const NOW = '2026-03-01T12:00:00.000Z';

test('units are numbered through all parts, those that an earlier run did among them', () => {
  const ledger = new SnapshotLedger(SNAPSHOT);
  assert.deepEqual([ledger.unitCount, ledger.unitsDone, ledger.isFinished], [4, 2, false]);
  ledger.finish(1, 5);
  const [, orders] = ledger.record(NOW).tables;
  assert.deepEqual(
    orders!.parts.map(({ done, rows }) => [done, rows]),
    [
      ['0-2', '12'],
      ['', '0'],
    ],
  );
  assert.equal(ledger.record(NOW).finishedAt, null);
});

test('a finished snapshot keeps its tables and their rows, and no units', () => {
  const ledger = new SnapshotLedger(SNAPSHOT);
  ledger.finish(3, 100);
  ledger.finish(1, 5);
  assert.equal(ledger.rowsFinished, 105);
  assert.deepEqual(ledger.record(NOW), {
    ...SNAPSHOT,
    finishedAt: NOW,
    tables: [
      { oid: 16_400, name: 'public.stock', rows: '12', parts: [] },
      { oid: 16_412, name: 'public.orders', rows: '112', parts: [] },
    ],
  });
});

test('progress counts what is read of a unit, and never calls it done before it is', () => {
  const ledger = new SnapshotLedger(SNAPSHOT);
  const read = (unit: number) => (unit === 1 ? 50 : 0);
  const [stock, orders] = ledger.progress([10, 20, 10, 0], read);
  assert.deepEqual(stock, { name: 'public.stock', rows: 12, expected: 0, share: 1 });
  assert.deepEqual({ ...orders, share: 0 }, { name: 'public.orders', rows: 57, expected: 40, share: 0 });
  assert.equal(orders!.share, (2 + 0.99) / 4);
  assert.equal(ledger.unitShare, 0.5);
});
