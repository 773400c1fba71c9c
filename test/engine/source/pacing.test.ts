import assert from 'node:assert/strict';
import test from 'node:test';
import { ReadPacer } from '../../../engine/source/pacing.ts';

/** Rests after reads of so many bytes each, so many milliseconds apart. */
function rests(bytes: number, everyMs: number, reads: number): number[] {
  const pacer = new ReadPacer();
  return Array.from({ length: reads }, (_, read) => pacer.restAfter(bytes, 1_000 + read * everyMs));
}

test('a trickle is read at once: 1,000 commits a second of one row', () => {
  assert.ok(rests(400, 1, 10_000).every((rest) => rest === 0));
});

test('a burst is read at once: a transaction of 100 rows every second', () => {
  const pacer = new ReadPacer();
  for (let transaction = 0; transaction < 100; transaction++) {
    for (let read = 0; read < 10; read++) assert.equal(pacer.restAfter(2_000, transaction * 1_000 + read / 10), 0);
  }
});

test('a stream is read every millisecond: 1,000 commits a second of ten rows', () => {
  const stream = rests(4_000, 1, 10_000);
  assert.equal(stream[0], 0);
  assert.ok(stream.slice(100).every((rest) => rest === 1));
});

test('bulk is made to rest up to 4 ms, once two short reads in a row have shown its end', () => {
  const bulk = rests(800, 0.02, 10_000);
  assert.equal(bulk[0], 0);
  assert.deepEqual(
    bulk.slice(-4).toSorted((a, b) => a - b),
    [0, 0, 4, 4],
  );
  assert.ok(bulk.every((rest) => rest <= 4));
  const pacer = new ReadPacer();
  const sizes = Array.from({ length: 1_000 }, () => [6_000, 60_000, 60_000]).flat();
  const broken = sizes.map((bytes, read) => pacer.restAfter(bytes, 1_000 + read / 2));
  assert.ok(
    broken.every((rest) => rest <= 1),
    'a short read before long ones is no end',
  );
});

test('a share of bulk is bulk: 60,000 rows a second for each of three changefeeds', () => {
  assert.deepEqual(
    rests(1_000, 0.1, 10_000)
      .slice(-4)
      .toSorted((a, b) => a - b),
    [0, 0, 4, 4],
  );
});

test('full reads are followed by the next one at once, but for a millisecond after each four of them', () => {
  const full = rests(65_536, 0.5, 1_000);
  assert.deepEqual(full.slice(-8), [0, 0, 0, 1, 0, 0, 0, 1]);
});

test('after a burst the trickle is read at once again', () => {
  const pacer = new ReadPacer();
  for (let i = 0; i < 1_000; i++) pacer.restAfter(60_000, 1_000 + i);
  assert.equal(pacer.restAfter(400, 2_000), 0);
  assert.ok(pacer.restAfter(400, 2_000) > 0);
  assert.equal(pacer.restAfter(400, 2_100), 0);
});
