import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EpochTracker } from '../../../engine/checkpoint/epochs.ts';
import { splitSlots } from '../../../engine/checkpoint/epoch-slots.ts';
import { UnitTracker } from '../../../engine/checkpoint/units.ts';

test('epochs of the stream and units never have the same slot, however many are open', () => {
  const table = { words: new Int32Array(16), base: 0, stride: 2, slots: 8, outstanding: 0, poisoned: 1 };
  const { stream, units } = splitSlots(table);
  const epochs = new EpochTracker(stream, []);
  const tracker = new UnitTracker(units, [], { bytes: Array(8).fill(1), bytesMax: 8 }, () => undefined);
  const ofUnits = Array.from({ length: 8 }, (_, unit) => tracker.enter(unit)?.slot ?? null);
  const ofStream = Array.from({ length: 8 }, (_, index) => {
    const { slot } = epochs;
    epochs.rows = 1;
    epochs.commit(0, index + 1);
    epochs.close(0);
    return slot;
  });
  assert.deepEqual(ofUnits, [4, 5, 6, 7, null, null, null, null]);
  assert.deepEqual(new Set(ofStream), new Set([0, 1, 2, 3]));
});
