import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OriginWriter } from '../../../engine/dispatch/origin-writer.ts';
import { tellOrigin } from '../../../engine/encode/origin-record.ts';
import { RecordKind } from '../../../engine/ring/layout.ts';
import { bothEnds } from '../ring/rings.ts';

test('each ring is told of an origin once, and of the next one again', () => {
  const { writer, reader } = bothEnds();
  const origins = new OriginWriter(2);
  assert.deepEqual([origins.isTold(0), origins.isTold(1)], [true, true], 'of none is nothing to tell');
  origins.set('0-1-5', 1, 4_000_000_000);
  assert.deepEqual([origins.isTold(0), origins.isTold(1)], [false, false]);
  assert.equal(origins.write(writer, 1), 0);
  assert.deepEqual([origins.isTold(0), origins.isTold(1)], [false, true]);
  origins.set(null, 4_294_967_295, 0);
  assert.equal(origins.isTold(1), false);
  assert.equal(origins.write(writer, 1), 0);
  writer.publishTo(writer.position);
  reader.claim();
  const told: unknown[] = [];
  while (reader.next()) {
    assert.equal(reader.kind, RecordKind.origin);
    tellOrigin(reader, { origin: (...given) => void told.push(given) });
  }
  assert.deepEqual(told, [
    ['0-1-5', 1, 4_000_000_000],
    [null, 4_294_967_295, 0],
  ]);
});

test('without room its length is told, and the ring lacks it still', () => {
  const { writer } = bothEnds();
  const origins = new OriginWriter(1);
  origins.set('x'.repeat(100), 1, 2);
  while (writer.reserve(16) >= 0) writer.end(16);
  assert.equal(origins.write(writer, 0), 128);
  assert.equal(origins.isTold(0), false);
});
