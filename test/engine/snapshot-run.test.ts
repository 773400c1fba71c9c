import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RowSink } from '../../engine/change/row-sink.ts';
import type { SnapshotRecord, SnapshotSink } from '../../engine/change/snapshot.ts';
import { SnapshotLedger } from '../../engine/checkpoint/snapshot-ledger.ts';
import { SnapshotStore } from '../../engine/checkpoint/snapshot-store.ts';
import { UnitTracker } from '../../engine/checkpoint/units.ts';
import { SnapshotRun } from '../../engine/snapshot-run.ts';
import type { SnapshotSource } from '../../engine/source/source.ts';
import { until } from '../support/wait.ts';

const PART = { oid: 1, name: 'public.t', key: ['id'], cuts: [['5']], done: '', rows: '0' };
const RECORD: SnapshotRecord = {
  mode: 'FULL + INCREMENTAL',
  startedAt: '2026-03-01T12:00:00.000Z',
  finishedAt: null,
  tables: [{ oid: 1, name: 'public.t', rows: '0', parts: [PART] }],
};
const SINK = { flush: () => undefined } as RowSink & SnapshotSink;

/** A run over two units of a row each, whose messages are under way until the test reports them; and what happened, in order. */
class Bench {
  readonly events: string[] = [];
  readonly units: UnitTracker;
  readonly run: SnapshotRun;
  private readonly words = new Int32Array(new SharedArrayBuffer(64));
  private stopReading: () => void = () => undefined;

  /** @param readsTo how many units are read to their end; the source waits for a stop when that is not all */
  constructor(readsTo: number) {
    const ledger = new SnapshotLedger(RECORD);
    const table = { words: this.words, base: 0, stride: 2, slots: 8, firstSlot: 0, outstanding: 0, poisoned: 1 };
    this.units = new UnitTracker(table, [], { bytes: [1, 1], bytesMax: 2 }, (unit, rows) => ledger.finish(unit, rows));
    const store = async (record: SnapshotRecord) => {
      await new Promise((resolve) => setImmediate(resolve));
      this.events.push(record.finishedAt === null ? `stored ${record.tables[0]!.parts[0]!.done}` : 'stored as finished');
    };
    const onError = (error: unknown) => this.events.push(String(error));
    const source = {
      record: RECORD,
      read: () => this.read(readsTo),
      resume() {},
      stop: () => this.stopReading(),
      close: async () => undefined,
    };
    this.run = new SnapshotRun({
      source: source as unknown as SnapshotSource,
      units: this.units,
      ledger,
      store: new SnapshotStore({ units: this.units, ledger, store, onStored: () => undefined, intervalMs: 1_000_000, onError }),
      now: () => performance.now(),
      words: { begins: 'begins', ends: 'ends' },
      tell: () => undefined,
    });
  }

  private async read(readsTo: number): Promise<void> {
    for (const unit of [0, 1]) {
      const epoch = this.units.enter(unit)!;
      epoch.rows += 1;
      this.words[epoch.slot * 2] = 1;
      if (unit < readsTo) this.units.end(unit);
    }
    this.events.push('read');
    if (readsTo < 2) await new Promise<void>((resolve) => (this.stopReading = resolve));
  }

  /** The broker has acknowledged the rows of all units. */
  deliver(): void {
    this.words.fill(0);
    this.events.push('delivered');
    this.run.tick();
  }
}

test('what is about to be read is recorded before the first row of it', async () => {
  const bench = new Bench(2);
  const running = bench.run.run(SINK);
  await until(() => bench.events.includes('read'), { everyMs: 5, what: 'the units to be read' });
  bench.deliver();
  await running;
  assert.deepEqual(bench.events.slice(0, 2), ['stored ', 'read']);
});

test('a snapshot is over when every unit is delivered and recorded as such, not when all is read', async () => {
  const bench = new Bench(2);
  setTimeout(() => bench.deliver(), 50);
  await bench.run.run(SINK);
  bench.events.push('over');
  assert.deepEqual(bench.events, ['stored ', 'read', 'delivered', 'stored as finished', 'over']);
});

test('a stop records the units that are whole once they are delivered, and leaves the others to the next start', async () => {
  const bench = new Bench(1);
  setTimeout(() => bench.deliver(), 50);
  const running = bench.run.run(SINK).then(() => bench.events.push('over'));
  await until(() => bench.events.includes('read'), { everyMs: 5, what: 'the units to be read' });
  await bench.run.stop(performance.now() + 30_000);
  await running;
  assert.deepEqual(bench.events, ['stored ', 'read', 'delivered', 'stored 0', 'over']);
});
