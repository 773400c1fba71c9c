import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 as zlibCrc32 } from 'node:zlib';
import { crc32 } from '../../../../../engine/source/mysql/binlog/crc32.ts';

test('the sum is that of zlib, for every length and place', () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, index) => (index * 7919) >> 3);
  for (let start = 0; start < 9; start++) {
    for (let end = start; end < 600; end++) assert.equal(crc32(bytes, start, end), zlibCrc32(bytes.subarray(start, end)) | 0);
  }
});
