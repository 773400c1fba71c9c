import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EpochTracker, type EpochTable, type MarkedRing } from '../../../engine/checkpoint/epochs.ts';

/** A ring as the tracker sees it: what is written, and what the reader has released. */
class TestRing implements MarkedRing {
  position = 0;
  released = 0;
  hasPassed(mark: number): boolean {
    return ((this.released - mark) | 0) >= 0;
  }
}

function table(slots: number): EpochTable {
  return { words: new Int32Array(new SharedArrayBuffer(slots * 8)), base: 0, stride: 2, slots, outstanding: 0, poisoned: 1 };
}

function row(tracker: EpochTracker, ring: TestRing): number {
  ring.position = (ring.position + 64) >>> 0;
  tracker.rows += 1;
  return tracker.slot;
}

test('an epoch is done when its rows are released and reported, not before', () => {
  const words = table(8);
  const ring = new TestRing();
  const tracker = new EpochTracker(words, [ring]);
  tracker.begin(0, 0, 0);
  const slot = row(tracker, ring);
  assert.equal(tracker.close(1), false, 'a transaction is still open');
  tracker.commit(0, 100);
  assert.equal(tracker.close(1), true);
  assert.equal(tracker.advance(), false, 'the worker has not released the row');
  words.words[slot * 2] = 1;
  ring.released = ring.position;
  assert.equal(tracker.advance(), false, 'the message has no report');
  words.words[slot * 2] = 0;
  assert.equal(tracker.advance(), true);
  assert.deepEqual(tracker.done, { high: 0, low: 100 });
  assert.equal(tracker.doneRows, 1);
  assert.equal(tracker.drained, true);
});

test('the epoch that is being filled counts as undelivered, from its first row on', () => {
  const ring = new TestRing();
  const tracker = new EpochTracker(table(8), [ring]);
  tracker.begin(0, 0, 0);
  assert.deepEqual([tracker.undelivered, tracker.openEpochs], [0, 0]);
  row(tracker, ring);
  assert.deepEqual([tracker.undelivered, tracker.openEpochs], [1, 0]);
  tracker.commit(0, 100);
  tracker.close(1);
  assert.deepEqual([tracker.undelivered, tracker.openEpochs], [1, 1]);
  tracker.begin(2, 0, 0);
  row(tracker, ring);
  assert.equal(tracker.undelivered, 2);
  ring.released = ring.position;
  tracker.advance();
  assert.equal(tracker.undelivered, 1);
});

test('the next transaction in an open epoch keeps it open until its own end', () => {
  const ring = new TestRing();
  const tracker = new EpochTracker(table(8), [ring]);
  tracker.begin(0, 0, 0);
  row(tracker, ring);
  tracker.commit(0, 100);
  tracker.begin(1, 0, 0);
  row(tracker, ring);
  assert.equal(tracker.close(2), false);
  tracker.commit(0, 200);
  assert.equal(tracker.close(3), true);
  ring.released = ring.position;
  tracker.advance();
  assert.deepEqual(tracker.done, { high: 0, low: 200 });
  assert.equal(tracker.doneRows, 2);
});

test('a later epoch that is done waits for the earlier one: only the contiguous prefix counts', () => {
  const words = table(8);
  const rings = [new TestRing(), new TestRing()];
  const tracker = new EpochTracker(words, rings);
  tracker.begin(0, 0, 0);
  const first = row(tracker, rings[0]!);
  tracker.commit(0, 1);
  tracker.close(0);
  tracker.begin(0, 0, 0);
  row(tracker, rings[1]!);
  tracker.commit(0, 2);
  tracker.close(0);
  for (const ring of rings) ring.released = ring.position;
  words.words[first * 2] = 1;
  assert.equal(tracker.advance(), false);
  assert.equal(tracker.done, null);
  words.words[first * 2] = 0;
  tracker.advance();
  assert.deepEqual(tracker.done, { high: 0, low: 2 });
});

test('nothing at or after a poisoned epoch is ever done', () => {
  const words = table(8);
  const ring = new TestRing();
  const tracker = new EpochTracker(words, [ring]);
  const slots: number[] = [];
  for (let i = 1; i <= 3; i++) {
    tracker.begin(0, 0, 0);
    slots.push(row(tracker, ring));
    tracker.commit(0, i);
    tracker.close(0);
  }
  ring.released = ring.position;
  words.words[slots[1]! * 2 + 1] = 1;
  tracker.advance();
  assert.deepEqual(tracker.done, { high: 0, low: 1 });
  assert.equal(tracker.poisonedSlot(), slots[1]);
});

test('with every slot taken the current epoch grows instead of overtaking', () => {
  const words = table(4);
  const ring = new TestRing();
  const tracker = new EpochTracker(words, [ring]);
  let closed = 0;
  for (let i = 1; i <= 10; i++) {
    tracker.begin(0, 0, 0);
    row(tracker, ring);
    tracker.commit(0, i);
    if (tracker.close(0)) closed += 1;
  }
  assert.equal(closed, 3);
  assert.equal(tracker.rows, 7);
  ring.released = ring.position;
  tracker.advance();
  assert.deepEqual(tracker.done, { high: 0, low: 3 });
  assert.equal(tracker.close(0), true);
  tracker.advance();
  assert.deepEqual(tracker.done, { high: 0, low: 10 });
});

test('progress without rows is an empty epoch, recorded once', () => {
  const tracker = new EpochTracker(table(4), [new TestRing()]);
  tracker.commit(7, 7);
  assert.equal(tracker.hasIdleProgress, true);
  tracker.close(0);
  tracker.commit(7, 7);
  assert.equal(tracker.hasIdleProgress, false);
  tracker.advance();
  assert.deepEqual(tracker.done, { high: 7, low: 7 });
});

test('the oldest undelivered commit time gives the lag', () => {
  const ring = new TestRing();
  const tracker = new EpochTracker(table(4), [ring]);
  assert.equal(tracker.oldestCommitMs, 0);
  // 2025-09-09T11:28:43.484600Z in microseconds.
  const micros = 1_757_417_323_484_600n;
  tracker.begin(0, Number(micros >> 32n), Number(BigInt.asIntN(32, micros)));
  row(tracker, ring);
  assert.equal(tracker.oldestCommitMs, 1_757_417_323_484.6);
  tracker.commit(0, 1);
  tracker.close(0);
  assert.equal(tracker.oldestCommitMs, 1_757_417_323_484.6);
  ring.released = ring.position;
  tracker.advance();
  assert.equal(tracker.oldestCommitMs, 0);
});

test('model: whatever the order of releases and reports, done is the end of the delivered prefix', () => {
  const step = fc.record({ ring: fc.nat(2), rows: fc.nat(3), release: fc.nat(2), report: fc.nat(5) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const words = table(16);
      const rings = [new TestRing(), new TestRing(), new TestRing()];
      // Indexes near the wrap of 32 bits, where marks must still order.
      for (const ring of rings) ring.position = ring.released = 0xffffff00;
      const tracker = new EpochTracker(words, rings);
      const epochs: { slot: number; end: number; marks: number[]; outstanding: number }[] = [];
      let done = 0;
      steps.forEach((s, i) => {
        tracker.begin(0, 0, 0);
        const slot = tracker.slot;
        for (let r = 0; r < s.rows; r++) row(tracker, rings[s.ring]!);
        words.words[slot * 2] = words.words[slot * 2]! + s.rows;
        tracker.commit(0, i + 1);
        const before = epochs.at(-1);
        const pending = before !== undefined && before.marks.length === 0 ? before : { slot, end: 0, marks: [], outstanding: 0 };
        if (pending !== before) epochs.push(pending);
        pending.end = i + 1;
        pending.outstanding += s.rows;
        if (tracker.close(0)) pending.marks = rings.map((ring) => ring.position);
        rings[s.release]!.released = rings[s.release]!.position;
        const reported = epochs[done + (s.report % Math.max(1, epochs.length - done))];
        if (reported !== undefined) words.words[reported.slot * 2] = reported.outstanding = 0;
        tracker.advance();
        while (done < epochs.length) {
          const e = epochs[done]!;
          const passed = e.marks.length > 0 && e.marks.every((mark, r) => rings[r]!.hasPassed(mark));
          if (!passed || e.outstanding > 0) break;
          done += 1;
        }
        assert.equal(tracker.done?.low ?? 0, done === 0 ? 0 : epochs[done - 1]!.end);
      });
    }),
    { numRuns: 300 },
  );
});
