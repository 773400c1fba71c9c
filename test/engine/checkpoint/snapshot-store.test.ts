import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SnapshotRecord } from '../../../engine/change/snapshot.ts';
import { SnapshotLedger } from '../../../engine/checkpoint/snapshot-ledger.ts';
import { SnapshotStore } from '../../../engine/checkpoint/snapshot-store.ts';
import { UnitTracker } from '../../../engine/checkpoint/units.ts';
import { until } from '../../support/wait.ts';
import { SNAPSHOT } from './sample.ts';

/** A store whose writes the test lets go. */
class Bench {
  readonly stored: SnapshotRecord[] = [];
  readonly errors: unknown[] = [];
  readonly tracker: UnitTracker;
  readonly store: SnapshotStore;
  fails = false;
  /** Times that a unit which waits was told to come again. */
  resumed = 0;

  constructor() {
    const ledger = new SnapshotLedger(SNAPSHOT);
    const words = new Int32Array(new SharedArrayBuffer(64));
    const table = { words, base: 0, stride: 2, slots: 8, firstSlot: 0, outstanding: 0, poisoned: 1 };
    this.tracker = new UnitTracker(table, [], { bytes: [0, 1, 0, 1], bytesMax: 1 }, (unit, rows) => ledger.finish(unit, rows));
    const store = async (record: SnapshotRecord) => {
      if (this.fails) throw new Error('disk full');
      this.stored.push(record);
    };
    const onError = (error: unknown) => this.errors.push(error);
    const onStored = () => (this.resumed += 1);
    this.store = new SnapshotStore({ units: this.tracker, ledger, store, onStored, intervalMs: 100, onError });
  }
}

test('nothing is stored before a unit is done, and not more often than the interval says', () => {
  const bench = new Bench();
  assert.equal(bench.store.tick(0), false);
  assert.equal(bench.stored.length, 0);
  bench.tracker.end(1);
  assert.equal(bench.store.tick(10), true);
  assert.equal(bench.stored.length, 1);
  assert.equal(bench.stored[0]!.tables[1]!.parts[0]!.done, '0-2');
});

test('what comes within the interval is stored after it, and a flush does not wait', async () => {
  const bench = new Bench();
  bench.tracker.end(1);
  bench.store.tick(0);
  await Promise.resolve();
  bench.tracker.end(3);
  bench.store.tick(50);
  assert.equal(bench.stored.length, 1);
  await bench.store.flush(60);
  assert.equal(bench.stored.length, 2);
  assert.notEqual(bench.stored[1]!.finishedAt, null);
});

test('a unit that waits for others to be recorded has them stored at once, and comes again', async () => {
  const bench = new Bench();
  await bench.store.flush(0);
  assert.ok(bench.tracker.enter(1));
  assert.equal(bench.tracker.enter(3), null);
  bench.tracker.end(1);
  bench.store.tick(1);
  assert.equal(bench.stored.length, 2);
  assert.equal(bench.tracker.enter(3), null, 'the store is under way');
  await until(() => bench.resumed === 2, { everyMs: 1, what: 'the store' });
  assert.ok(bench.tracker.enter(3));
});

test('a store that fails is told, and a flush rejects with it', async () => {
  const bench = new Bench();
  bench.fails = true;
  bench.tracker.end(1);
  bench.store.tick(0);
  await assert.rejects(bench.store.flush(1), /disk full/);
  assert.match(String(bench.errors[0]), /disk full/);
});
