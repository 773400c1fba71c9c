import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SideArea, type SideRing } from '../../../engine/ring/side.ts';

/** A ring of which only its reader's place matters. */
class Place implements SideRing {
  at = 0;
  hasPassed(mark: number): boolean {
    return this.at >= mark;
  }
  waitUntilPassed(): Promise<void> {
    return Promise.resolve();
  }
}

function fill(area: SideArea, length: number, ring: SideRing, mark: number): number {
  const start = area.find(length);
  if (start >= 0) area.add(start, length, ring, mark);
  return start;
}

test('records follow one another, and the start is used again only once the oldest is released', () => {
  const area = new SideArea(1000);
  const ring = new Place();
  assert.equal(fill(area, 400, ring, 1), 0);
  assert.equal(fill(area, 400, ring, 2), 400);
  assert.equal(area.used, 800);
  assert.equal(fill(area, 300, ring, 3), -1);
  ring.at = 1;
  assert.equal(area.used, 400);
  assert.equal(fill(area, 300, ring, 3), 0);
  assert.equal(area.used, 900);
  assert.equal(fill(area, 200, ring, 4), -1);
  assert.equal(fill(area, 100, ring, 4), 300);
  assert.equal(fill(area, 8, ring, 5), -1);
  assert.equal(area.used, 1000);
  ring.at = 5;
  assert.equal(area.used, 0);
  assert.equal(area.find(1000), 0);
  assert.equal(area.find(1008), -1);
});

test('the oldest record of any ring holds the others back', () => {
  const area = new SideArea(1000);
  const slow = new Place();
  const quick = new Place();
  fill(area, 600, slow, 1);
  fill(area, 400, quick, 1);
  quick.at = 1;
  assert.equal(area.find(400), -1);
  slow.at = 1;
  assert.equal(area.find(1000), 0);
});

test('the size is rounded up to whole records', () => {
  assert.equal(new SideArea(1001).size, 1008);
});
