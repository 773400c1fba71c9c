import assert from 'node:assert/strict';
import test from 'node:test';
import { Snapshot } from '../../../../engine/source/postgres/snapshot.ts';

test('shows what was over before it, not what was open, nor what had not begun', () => {
  const snapshot = new Snapshot('10:20:10,15');
  const shown = [3, 9, 10, 11, 14, 15, 16, 19, 20, 21].filter((xid) => snapshot.shows(xid));
  assert.deepEqual(shown, [3, 9, 11, 14, 16, 19]);
  assert.ok(new Snapshot('20:20:').shows(19));
  assert.ok(!new Snapshot('20:20:').shows(20));
});

test('ids of the stream wrap at 32 bits, ids of the snapshot do not', () => {
  const epoch = 7n << 32n;
  const snapshot = new Snapshot(`${epoch - 5n}:${epoch + 10n}:${epoch - 5n},${epoch + 3n}`);
  for (const xid of [0xffff_fff0, 0xffff_fffc, 2, 9]) assert.ok(snapshot.shows(xid), String(xid));
  for (const xid of [0xffff_fffb, 3, 10, 1_000]) assert.ok(!snapshot.shows(xid), String(xid));
});
