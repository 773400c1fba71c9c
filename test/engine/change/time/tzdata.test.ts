import assert from 'node:assert/strict';
import test from 'node:test';
import { findZone, tzdataVersion, zoneNames } from '../../../../engine/change/time/tzdata.ts';
import { Zone } from '../../../../engine/change/time/zone.ts';

test('the release is the one that is pinned', () => {
  // When it changes, docs/types-postgres.md says another one too.
  assert.equal(tzdataVersion(), '2026a');
});

test('every zone has ascending transitions, to which another offset belongs each, also by its own clock', () => {
  const names = zoneNames();
  assert.ok(names.length > 590 && new Set(names).size === names.length);
  for (const name of names) {
    const { starts, offsets } = findZone(name)!;
    assert.equal(offsets.length, starts.length + 1, name);
    for (const offset of offsets) assert.ok(Number.isInteger(offset) && Math.abs(offset) < 16 * 3_600, name);
    const locals = starts.map((start, i) => start + Math.max(offsets[i]!, offsets[i + 1]!));
    for (let i = 1; i < starts.length; i++)
      assert.ok(starts[i]! > starts[i - 1]! && locals[i]! > locals[i - 1]!, `${name} at ${starts[i]}`);
  }
});

test('a link is the zone that it stands for', () => {
  assert.deepEqual(findZone('Japan'), findZone('Asia/Tokyo'));
  assert.equal(findZone('Nowhere'), null);
});

test('rules go on behind the end of the table', () => {
  const zone = new Zone(findZone('America/New_York')!);
  const at = (year: number, month: number) => zone.offsetAt(Date.UTC(year, month - 1, 1) / 1000);
  for (const year of [2025, 2040, 2499, 2500, 9999, 270_000])
    assert.deepEqual([at(year, 1), at(year, 7)], [-18_000, -14_400], String(year));
});
