import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LETTER_HEAD_BYTES } from '../../../../../engine/change/dead-letter.ts';
import { OversizeLine } from '../../../../../engine/source/postgres/copy/oversize-line.ts';

test('of a line in pieces the beginning is kept, and nothing of the line before', () => {
  const line = new OversizeLine();
  for (const letter of ['a', 'b']) {
    const piece = Buffer.from(`..${letter.repeat(40_000)}..`);
    line.begin(1_000_000);
    for (let i = 0; i < 25; i++) line.add(piece, 2, piece.length - 2);
    piece.fill('z');
    assert.equal(line.length, 1_000_000);
    assert.equal(Buffer.from(line.bytes).toString(), letter.repeat(LETTER_HEAD_BYTES));
  }
});
