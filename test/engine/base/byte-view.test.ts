import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteView, copyBytes, copyOf } from '../../../engine/base/byte-view.ts';

test('the view covers the same bytes, also of a part of a buffer', () => {
  const memory = new Uint8Array(16).fill(7);
  const view = new ByteView(memory.subarray(4, 8));
  view.view.setInt32(0, 0x04030201, true);
  assert.deepEqual([...memory.subarray(3, 9)], [7, 1, 2, 3, 4, 7]);
  assert.throws(() => view.view.getInt32(1, true), RangeError);
});

test('a copy is one, of a Buffer too', () => {
  const memory = Buffer.from([1, 2, 3, 4]);
  const copy = copyOf(memory, 1, 3);
  memory.fill(9);
  assert.deepEqual([...copy], [2, 3]);
});

test('use turns to other memory and keeps the view for the same', () => {
  const bytes = new Uint8Array(4);
  const view = new ByteView(new Uint8Array(0));
  view.use(bytes);
  const made = view.view;
  view.use(bytes);
  assert.equal(view.view, made);
  view.use(new Uint8Array(new SharedArrayBuffer(8)));
  assert.equal(view.view.byteLength, 8);
});

test('a copy has every byte and no other, whatever its length and place', () => {
  const from = new ByteView(Uint8Array.from({ length: 3_000 }, (_, i) => (i * 7) & 0xff));
  // Every pattern of a NaN's upper bytes among them: 0x7ff0 and 0xfff0 and above.
  for (let i = 0; i < 512; i++) from.bytes.set([i & 0xff, 0xf0 | (i & 0xf), i < 256 ? 0x7f : 0xff], 16 * 3 + i * 5);
  for (const start of [0, 1, 7]) {
    for (const length of [0, 1, 3, 4, 7, 8, 9, 63, 200, 1_023, 1_024, 1_025, 2_900]) {
      for (const position of [0, 3, 8]) {
        const to = new ByteView(new Uint8Array(new SharedArrayBuffer(3_000)).fill(0xee));
        copyBytes(from, start, start + length, to, position);
        const expected = Buffer.alloc(3_000, 0xee);
        Buffer.from(from.bytes).copy(expected, position, start, start + length);
        assert.ok(expected.equals(to.bytes), `${length} bytes from ${start} to ${position}`);
      }
    }
  }
});

test('a copy reads and writes to the end of its memory', () => {
  const from = new ByteView(new Uint8Array(13).fill(1));
  const to = new ByteView(new Uint8Array(13));
  copyBytes(from, 2, 13, to, 2);
  assert.deepEqual([...to.bytes], [0, 0, ...from.bytes.subarray(2)]);
});
