import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Control, RECORD_LENGTH, RingState } from '../../../engine/ring/layout.ts';
import { bothEnds, put, take } from './rings.ts';

test('records come in the order in which they were written, by the ring and by the side area alike', () => {
  const { writer, reader } = bothEnds({ sideBytes: 200_000 });
  const lengths = [24, 16_384, 16_392, 100_000, 64];
  lengths.forEach((length, i) => assert.ok(put(writer, i, length)));
  writer.publishTo(writer.position);
  assert.ok(reader.claim());
  const seen: [number, boolean][] = [];
  while (reader.next()) seen.push([take(reader), reader.bytes.buffer === writer.memory.side]);
  assert.deepEqual(seen, [
    [0, false],
    [1, false],
    [2, true],
    [3, true],
    [4, false],
  ]);
});

test('next gives only what was claimed', () => {
  const { writer, reader } = bothEnds();
  put(writer, 0, 32);
  writer.publishTo(writer.position);
  reader.claim();
  put(writer, 1, 32);
  writer.publishTo(writer.position);
  assert.ok(reader.next());
  assert.equal(reader.next(), false);
  assert.ok(reader.claim() && reader.next());
  assert.equal(take(reader), 1);
});

test('the writer sees only what was released', () => {
  const { writer, reader } = bothEnds();
  put(writer, 0, 32);
  const first = writer.position;
  put(writer, 1, 32);
  const second = writer.position;
  writer.publishTo(second);
  reader.claim();
  reader.next();
  const behindFirst = reader.position;
  reader.next();
  assert.equal(writer.hasPassed(first), false);
  reader.release(behindFirst);
  assert.deepEqual([writer.hasPassed(first), writer.hasPassed(second), writer.drained], [true, false, false]);
  reader.release(reader.position);
  assert.deepEqual([writer.hasPassed(second), writer.drained], [true, true]);
  reader.release(reader.position);
  assert.throws(() => reader.release(behindFirst), { code: 'INTERNAL' });
});

test('a damaged length is an error and no walk through memory', () => {
  for (const length of [0, -8, 12, 4096]) {
    const { writer, reader } = bothEnds();
    put(writer, 0, 32);
    writer.words[RECORD_LENGTH] = length;
    writer.publishTo(writer.position);
    reader.claim();
    assert.throws(() => reader.next(), { code: 'INTERNAL' });
  }
});

test('sleep returns at once for what was published after the claim, and when the ring is not open', () => {
  const { writer, reader } = bothEnds();
  assert.equal(reader.claim(), false);
  put(writer, 0, 32);
  writer.publishTo(writer.position);
  reader.sleep(100);
  assert.equal(reader.claim(), true);
  reader.next();
  writer.finish();
  assert.equal(reader.state, RingState.ended);
  reader.sleep(100);
  assert.equal(new Int32Array(writer.memory.control)[Control.readerSleeps], 0);
});
