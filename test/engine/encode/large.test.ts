import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LargeSlab, allocateLarge } from '../../../engine/encode/large.ts';

test('one worker at a time: another waits until it is released, or is told to stop', () => {
  const memory = allocateLarge(1000);
  const one = new LargeSlab(memory);
  const other = new LargeSlab(memory);
  assert.equal(one.slab.buffer, other.slab.buffer);
  assert.ok(one.acquire(() => true));
  let asked = 0;
  assert.equal(
    other.acquire(() => ++asked === 2),
    false,
  );
  assert.equal(asked, 2);
  // The second question comes after a bounded sleep; the slab is free by then.
  assert.ok(other.acquire(() => (one.release(), false)));
  assert.equal(
    one.acquire(() => true),
    false,
  );
});
