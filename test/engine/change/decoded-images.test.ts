import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteView } from '../../../engine/base/byte-view.ts';
import { DecodedImages } from '../../../engine/change/decoded-images.ts';
import { doubling } from '../../support/row-forms.ts';

const textOf = ({ output }: DecodedImages, start: number, end: number) => Buffer.from(output.bytes.subarray(start, end)).toString();
const input = (text: string) => new ByteView(Buffer.from(text));

test('both images are decoded one behind the other, behind what the caller keeps free', () => {
  const images = new DecodedImages(1 << 20);
  images.decode(doubling, input('..abXYZ'), 2, 4, 4, 7, 16);
  assert.equal(textOf(images, 16, images.newStart), 'aabb');
  assert.equal(textOf(images, images.newStart, images.newEnd), 'XXYYZZ');
  assert.equal(images.words.buffer, images.output.bytes.buffer);
});

test('an image that is not there stays empty', () => {
  const images = new DecodedImages(1 << 20);
  images.decode(doubling, input('ab'), 0, 0, 0, 2, 0);
  assert.deepEqual([images.newStart, images.newEnd], [0, 4]);
  images.decode(doubling, input('ab'), 0, 2, 2, 2, 0);
  assert.deepEqual([images.newStart, images.newEnd], [4, 4]);
});

test('memory grows with a row, up to the limit, and is given back with the next', () => {
  const images = new DecodedImages(3_000_000);
  const small = images.output.bytes.length;
  images.decode(doubling, input('x'.repeat(1_000_000)), 0, 0, 0, 1_000_000, 0);
  assert.equal(images.newEnd, 2_000_000);
  assert.ok(images.output.bytes.length >= 2_000_000 && images.words.buffer === images.output.bytes.buffer);
  const tooLong = 'x'.repeat(2_000_000);
  assert.throws(() => images.decode(doubling, input(tooLong), 0, 0, 0, tooLong.length, 0), {
    code: 'ROW_TOO_LARGE',
    details: { bytes: 2_000_000, limit: 3_000_000 },
  });
  images.decode(doubling, input('x'), 0, 0, 0, 1, 0);
  assert.equal(images.output.bytes.length, small);
});
