import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldRow } from '../../../engine/dispatch/held-row.ts';
import { RowFlag } from '../../../engine/ring/layout.ts';

test('what is held is not published, and flagged by its commit alone', () => {
  const held = new HeldRow();
  const bytes = new Uint8Array(4);
  assert.equal(held.endOf(0, 80), 80);
  held.hold(1, 40, bytes, 2);
  assert.deepEqual([held.endOf(0, 80), held.endOf(1, 80)], [80, 40]);
  held.letGo();
  held.commit();
  assert.deepEqual([held.endOf(1, 80), ...bytes], [80, 0, 0, 0, 0]);
  held.hold(1, 40, bytes, 2);
  held.commit();
  assert.deepEqual([held.endOf(1, 80), ...bytes], [80, 0, 0, RowFlag.commit, 0]);
});
