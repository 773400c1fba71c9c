import assert from 'node:assert/strict';
import test from 'node:test';
import { rowImageEnd } from '../../../../engine/source/postgres/row-image.ts';
import { rowImage, UNCHANGED } from '../../../support/rows.ts';

const IMAGE = rowImage(['text', null, UNCHANGED, '', 'ä']);

test('the end is found, at any place in the memory', () => {
  for (const before of [0, 1, 7]) {
    const bytes = Buffer.concat([Buffer.alloc(before, 0x74), IMAGE, Buffer.alloc(3, 0x74)]);
    assert.equal(rowImageEnd(bytes, before, bytes.length, 5), before + IMAGE.length);
    assert.equal(rowImageEnd(bytes, before, before + IMAGE.length, 5), before + IMAGE.length);
  }
  assert.equal(rowImageEnd(rowImage([]), 0, 2, 0), 2);
});

test('an image cut at any byte does not fit', () => {
  for (let end = 0; end < IMAGE.length; end++) assert.equal(rowImageEnd(IMAGE, 0, end, 5), -1);
});

test('another number of columns does not fit', () => {
  for (const columns of [0, 4, 6, 65_535]) assert.equal(rowImageEnd(IMAGE, 0, IMAGE.length, columns), -1);
});

test('lengths that lead beyond the end, or around, do not fit', () => {
  for (const length of [5, 1000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
    const bytes = Buffer.from(rowImage(['text']));
    bytes.writeUInt32BE(length, 3);
    assert.equal(rowImageEnd(bytes, 0, bytes.length, 1), -1);
  }
});

test('unknown states do not fit, the one of binary values among them', () => {
  for (const state of ['b', 'T', '\0']) {
    const bytes = Buffer.from(rowImage([null]));
    bytes.write(state, 2);
    assert.equal(rowImageEnd(bytes, 0, bytes.length, 1), -1);
  }
});
