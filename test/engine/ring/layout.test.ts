import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CACHE_LINE_WORDS,
  CONTROL_BYTES,
  Control,
  FAILURE_OFFSET,
  Row,
  ROW_HEADER_BYTES,
  alignRecord,
  allocateRing,
} from '../../../engine/ring/layout.ts';

test('what one side writes shares no cache line with what the other writes', () => {
  const line = (word: number) => Math.floor(word / CACHE_LINE_WORDS);
  const writers = [Control.write, Control.writerWaits, Control.writerMark];
  const readers = [Control.read, Control.readerSleeps];
  for (const a of writers) for (const b of readers) assert.notEqual(line(a), line(b));
  for (const word of [Control.rows, Control.valueBytes, Control.batches, Control.queueFull]) {
    assert.equal(word % 2, 0);
    assert.ok(word * 4 < FAILURE_OFFSET);
  }
});

test('the fields of a row header are whole, apart and within it', () => {
  const { operation, oldImage, flags, ...words } = Row;
  assert.deepEqual([operation, oldImage, flags], [5, 6, 7]);
  const offsets = Object.values(words);
  assert.equal(new Set(offsets).size, offsets.length);
  for (const offset of offsets) assert.ok(offset >= 8 && offset % 4 === 0 && offset < ROW_HEADER_BYTES);
});

test('records are aligned to 8', () => {
  assert.deepEqual([0, 1, 7, 8, 9].map(alignRecord), [0, 8, 8, 8, 16]);
});

test('a ring is a power of two of at least 64 kB', () => {
  const side = new SharedArrayBuffer(8);
  const memory = allocateRing(65_536, side, -8);
  assert.equal(memory.control.byteLength, CONTROL_BYTES);
  assert.equal(new Int32Array(memory.control)[Control.read], -8);
  for (const bytes of [0, 32_768, 65_537, 98_304]) assert.throws(() => allocateRing(bytes, side), { code: 'INTERNAL' });
  assert.throws(() => allocateRing(65_536, side, 4), { code: 'INTERNAL' });
});
