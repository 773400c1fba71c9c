import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCounters } from '../../../engine/ring/counters.ts';
import { Control, FAILURE_OFFSET, allocateRing } from '../../../engine/ring/layout.ts';

test('each counter is read from its own place, beyond 32 bits too', () => {
  const memory = allocateRing(65_536, new SharedArrayBuffer(8));
  assert.deepEqual(readCounters(memory), { rows: 0, valueBytes: 0, batches: 0, queueFull: 0 });
  const counters = new Float64Array(memory.control, 0, FAILURE_OFFSET / 8);
  counters[Control.rows / 2] = 1;
  counters[Control.valueBytes / 2] = 2 ** 40;
  counters[Control.batches / 2] = 3;
  counters[Control.queueFull / 2] = 4;
  assert.deepEqual(readCounters(memory), { rows: 1, valueBytes: 2 ** 40, batches: 3, queueFull: 4 });
});
