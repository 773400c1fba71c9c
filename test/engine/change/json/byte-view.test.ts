import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteView } from '../../../../engine/change/json/byte-view.ts';

test('the view covers the same bytes, also of a part of a buffer', () => {
  const memory = new Uint8Array(16).fill(7);
  const view = new ByteView(memory.subarray(4, 8));
  view.view.setInt32(0, 0x04030201, true);
  assert.deepEqual([...memory.subarray(3, 9)], [7, 1, 2, 3, 4, 7]);
  assert.throws(() => view.view.getInt32(1, true), RangeError);
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
