import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { UnitTable } from '../../../engine/checkpoint/epoch-slots.ts';
import type { MarkedRing } from '../../../engine/checkpoint/epochs.ts';
import { UnitTracker } from '../../../engine/checkpoint/units.ts';

class TestRing implements MarkedRing {
  position = 0;
  released = 0;
  hasPassed(mark: number): boolean {
    return this.released >= mark;
  }
}

const OUTSTANDING = 0;
const POISONED = 1;

/** Two rings and a tracker, with units that tests fill and deliver. */
class Bench {
  readonly rings = [new TestRing(), new TestRing()];
  readonly done: [number, number][] = [];
  readonly table: UnitTable;
  readonly tracker: UnitTracker;

  /** @param bytesMax where each unit counts for 10 bytes */
  constructor(slots = 8, bytesMax = 80) {
    const words = new Int32Array(new SharedArrayBuffer(slots * 8));
    this.table = { words, base: 0, stride: 2, slots, firstSlot: 0, outstanding: OUTSTANDING, poisoned: POISONED };
    this.tracker = new UnitTracker(this.table, this.rings, { bytes: Array(8).fill(10), bytesMax }, (unit, rows) =>
      this.done.push([unit, rows]),
    );
  }

  /** One row of a unit into a ring; false when the unit was refused. */
  row(unit: number, ring: number): boolean {
    const epoch = this.tracker.enter(unit);
    if (epoch === null) return false;
    this.rings[ring]!.position += 64;
    epoch.rows += 1;
    return true;
  }

  slotOf(unit: number): number {
    return this.tracker.enter(unit)!.slot;
  }

  release(): void {
    for (const ring of this.rings) ring.released = ring.position;
  }
}

test('units are done in whatever order they are delivered, each by its own count', () => {
  const bench = new Bench();
  bench.row(3, 0);
  bench.row(7, 1);
  bench.row(3, 1);
  const [slot3, slot7] = [bench.slotOf(3), bench.slotOf(7)];
  bench.table.words[slot3 * 2 + OUTSTANDING] = 1;
  bench.table.words[slot7 * 2 + OUTSTANDING] = 1;
  bench.release();
  bench.tracker.end(7);
  bench.tracker.end(3);
  assert.equal(bench.tracker.advance(), false, 'nothing is reported');
  bench.table.words[slot7 * 2 + OUTSTANDING] = 0;
  assert.equal(bench.tracker.advance(), true);
  assert.deepEqual(bench.done, [[7, 1]]);
  bench.table.words[slot3 * 2 + OUTSTANDING] = 0;
  bench.tracker.advance();
  assert.deepEqual(bench.done, [
    [7, 1],
    [3, 2],
  ]);
  assert.equal(bench.tracker.open, 0);
});

test('a unit is not done before it has ended, nor before every ring has passed its end', () => {
  const bench = new Bench();
  bench.row(0, 0);
  bench.release();
  assert.equal(bench.tracker.advance(), false, 'rows may still come');
  bench.row(0, 1);
  bench.tracker.end(0);
  assert.equal(bench.tracker.ended, 1);
  assert.equal(bench.tracker.advance(), false, 'the second ring has not passed');
  bench.release();
  assert.equal(bench.tracker.advance(), true);
});

test('a poisoned unit is never done', () => {
  const bench = new Bench();
  bench.row(0, 0);
  bench.table.words[bench.slotOf(0) * 2 + POISONED] = 1;
  bench.tracker.end(0);
  bench.release();
  assert.equal(bench.tracker.advance(), false);
});

test('a unit without rows is done as soon as it has ended, and takes no slot', () => {
  const bench = new Bench(1);
  bench.row(0, 0);
  bench.tracker.end(1);
  assert.equal(bench.tracker.advance(), true);
  assert.deepEqual(bench.done, [[1, 0]]);
});

test('while every slot is taken a unit is refused, until another is done', () => {
  const bench = new Bench(2);
  assert.ok(bench.row(0, 0) && bench.row(1, 0));
  assert.equal(bench.row(2, 0), false);
  bench.tracker.end(0);
  bench.release();
  bench.tracker.advance();
  assert.ok(bench.row(2, 0));
});

test('what is under way and not recorded has a limit, whatever is done of it', () => {
  const bench = new Bench(8, 25);
  assert.ok(bench.row(0, 0) && bench.row(1, 0));
  assert.equal(bench.tracker.isAtLimit, false);
  assert.equal(bench.row(2, 0), false);
  assert.ok(bench.row(1, 0), 'one that was begun goes on');
  bench.tracker.end(0);
  bench.release();
  bench.tracker.advance();
  assert.equal(bench.row(2, 0), false, 'done is not recorded');
  assert.deepEqual([bench.tracker.isAtLimit, bench.tracker.doneBytes], [true, 10]);
  bench.tracker.recorded(10);
  assert.deepEqual([bench.tracker.isAtLimit, bench.tracker.doneBytes], [false, 0]);
  assert.ok(bench.row(2, 0));
  assert.equal(bench.row(3, 0), false);
});

test('one unit is always let in, however large', () => {
  const bench = new Bench(8, 5);
  assert.ok(bench.row(0, 0));
  assert.equal(bench.row(1, 0), false);
});

test('a unit ends once, and no row follows', () => {
  const bench = new Bench();
  bench.row(0, 0);
  bench.tracker.end(0);
  assert.throws(() => bench.tracker.end(0), /ends once/);
  assert.throws(() => bench.tracker.enter(0), /no row follows/);
});

test('however units are mixed, each is done once with its own rows', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(1)), { maxLength: 60 }), (rows) => {
      const bench = new Bench();
      for (const [unit, ring] of rows) bench.row(unit, ring);
      const units = [...new Set(rows.map(([unit]) => unit))];
      for (const unit of units) bench.tracker.end(unit);
      bench.release();
      bench.tracker.advance();
      const expected = units.map((unit) => [unit, rows.filter(([of]) => of === unit).length]);
      assert.deepEqual(new Map(bench.done), new Map(expected as [number, number][]));
    }),
  );
});
