import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { QUEUED_MESSAGE_BYTES, planMemory } from '../../../engine/produce/memory.ts';

test('rings, side path and a full queue stay inside the budget, whatever the messages', () => {
  fc.assert(
    fc.property(fc.integer({ min: 67_200_000, max: 4_000_000_000 }), fc.integer({ min: 1, max: 64 }), (budget, workers) => {
      const plan = planMemory(budget, workers, null);
      const queue = plan.queueKilobytes * 1024 + plan.queueMessages * QUEUED_MESSAGE_BYTES;
      assert.ok(plan.ringBytes * workers + 2 * plan.largeBytes + queue <= budget);
      assert.equal(plan.ringBytes & (plan.ringBytes - 1), 0, 'a ring is a power of two');
      assert.ok(plan.queueKilobytes * 1024 >= plan.largeBytes, 'the largest row fits the queue');
    }),
  );
});

test('a budget that cannot work is refused with the number that can', () => {
  assert.throws(() => planMemory(1_000_000, 1, null), { code: 'MEMORY_BUDGET_TOO_SMALL', message: /16000000/ });
});

test("the user's own limit of the queue takes the place of what the budget leaves, and no row is larger than it", () => {
  const whole = planMemory(160_000_000, 1, null);
  const plan = planMemory(160_000_000, 1, 2_097_152);
  assert.deepEqual(plan, { ...whole, queueKilobytes: 2048, largeBytes: 2_097_152 });
  assert.equal(planMemory(160_000_000, 1, 41_000_000).largeBytes, whole.largeBytes, 'a large queue makes no row larger');
});

test('a limit of the queue beyond what the budget leaves is refused with both numbers', () => {
  const most = planMemory(160_000_000, 1, null).queueKilobytes * 1024;
  assert.equal(planMemory(160_000_000, 1, most).queueKilobytes * 1024, most);
  const expected = new RegExp(`MILLRACE_BUFFER_MEMORY is ${most + 1024} bytes; MILLRACE_MEMORY is 160000000, which leaves ${most} for it`);
  assert.throws(() => planMemory(160_000_000, 1, most + 1024), { code: 'MEMORY_BUDGET_TOO_SMALL', message: expected });
});
