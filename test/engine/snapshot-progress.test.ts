import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SnapshotLedger } from '../../engine/checkpoint/snapshot-ledger.ts';
import { UnitTracker } from '../../engine/checkpoint/units.ts';
import { SnapshotProgress } from '../../engine/snapshot-progress.ts';
import type { SnapshotSource } from '../../engine/source/source.ts';

function bench(expectedRows: readonly number[]) {
  const part = { oid: 1, name: 'public.t', key: ['id'], cuts: [['5']], done: '', rows: '0' };
  const record = {
    mode: 'FULL',
    startedAt: '',
    finishedAt: null,
    tables: [{ oid: 1, name: 'public.t', rows: '0', parts: [part] }],
  } as const;
  const ledger = new SnapshotLedger(record);
  const table = {
    words: new Int32Array(new SharedArrayBuffer(64)),
    base: 0,
    stride: 2,
    slots: 8,
    firstSlot: 0,
    outstanding: 0,
    poisoned: 1,
  };
  const units = new UnitTracker(table, [], { bytes: expectedRows, bytesMax: Infinity }, (unit, rows) => ledger.finish(unit, rows));
  const status = () => ({ stalled: false, receivedBytes: 0, heldBytes: 4096 });
  const source = { record, expectedRows, micros: 0n, status } as unknown as SnapshotSource;
  return { units, progress: new SnapshotProgress(source, ledger, units) };
}

test('percent, rate and time left, of each table and of all', () => {
  const { units, progress } = bench([1000, 1000]);
  assert.deepEqual(progress.look(0), {
    rows: 0,
    rowsPerSecond: 0,
    percent: 0,
    secondsLeft: null,
    heldBytes: 4096,
    tables: [{ table: 'public.t', rows: 0, percent: 0, secondsLeft: null }],
  });
  units.enter(0)!.rows = 500;
  const { tables, ...all } = progress.look(2000);
  assert.deepEqual(all, { rows: 500, rowsPerSecond: 250, percent: 25, secondsLeft: 6, heldBytes: 4096 });
  assert.deepEqual(tables, [{ table: 'public.t', rows: 500, percent: 25, secondsLeft: 6 }]);
});

test('a table with more rows than expected is not done for that, and of time left nothing is told', () => {
  const { units, progress } = bench([10, 10]);
  progress.look(0);
  units.enter(0)!.rows = 500;
  units.enter(1)!.rows = 500;
  const { percent, secondsLeft } = progress.look(1000);
  assert.deepEqual([percent, secondsLeft], [99, null]);
});

test('without an estimate the units count', () => {
  const { units, progress } = bench([0, 0]);
  units.end(0);
  units.advance();
  assert.equal(progress.look(0).percent, 50);
  units.end(1);
  units.advance();
  const done = progress.look(1000);
  assert.deepEqual([done.percent, done.secondsLeft], [100, 0]);
});
