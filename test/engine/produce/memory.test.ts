import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { QUEUED_MESSAGE_BYTES, planMemory } from '../../../engine/produce/memory.ts';

test('rings, side path and a full queue stay inside the budget, whatever the messages', () => {
  fc.assert(
    fc.property(fc.integer({ min: 67_200_000, max: 4_000_000_000 }), fc.integer({ min: 1, max: 64 }), (budget, workers) => {
      const plan = planMemory(budget, workers);
      const queue = plan.queueKilobytes * 1024 + plan.queueMessages * QUEUED_MESSAGE_BYTES;
      assert.ok(plan.ringBytes * workers + 2 * plan.largeBytes + queue <= budget);
      assert.equal(plan.ringBytes & (plan.ringBytes - 1), 0, 'a ring is a power of two');
      assert.ok(plan.queueKilobytes * 1024 >= plan.largeBytes, 'the largest row fits the queue');
    }),
  );
});

test('a budget that cannot work is refused with the number that can', () => {
  assert.throws(() => planMemory(1_000_000, 1), { code: 'MEMORY_BUDGET_TOO_SMALL', message: /16000000/ });
});
