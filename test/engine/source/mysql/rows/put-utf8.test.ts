import assert from 'node:assert/strict';
import { test } from 'node:test';
import { putUtf8 } from '../../../../../engine/source/mysql/rows/put-utf8.ts';

test('the first and last code point of each length are written as the platform writes them', () => {
  for (const point of [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x1_0000, 0x10_ffff]) {
    const output = Buffer.alloc(8);
    const end = putUtf8(output, 1, point);
    assert.equal(output.toString('hex', 1, end), Buffer.from(String.fromCodePoint(point)).toString('hex'));
  }
});
