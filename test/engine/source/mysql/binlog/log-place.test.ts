import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogPlace, placeHigh, placeLow } from '../../../../../engine/source/mysql/binlog/log-place.ts';

const FOUR_GB = 2 ** 32;

test('a place is 24 bits of file and 40 of offset', () => {
  const offset = 5 * FOUR_GB + 0xf000_0001;
  const place = (BigInt(placeHigh(0x123456, offset) >>> 0) << 32n) | BigInt(placeLow(offset) >>> 0);
  assert.equal(place, (0x123456n << 40n) | BigInt(offset));
});

test('files are known by the digits at the end of their names', () => {
  const place = new LogPlace();
  place.moveTo('my.log-bin.000123', 4);
  assert.deepEqual([place.logName, place.fileNumber, place.start, place.end], ['my.log-bin', 123, 4, 4]);
  place.moveTo('my.log-bin.1000000', 4);
  assert.equal(place.fileNumber, 1_000_000);
});

test('offsets go on beyond the four bytes that events have for them', () => {
  const place = new LogPlace();
  place.moveTo('b.1', FOUR_GB - 50);
  place.take(100, 50);
  assert.deepEqual([place.start, place.end], [FOUR_GB - 50, FOUR_GB + 50]);
  place.take(30, 0);
  assert.equal(place.end, FOUR_GB + 80);
  // Events in between were left out.
  place.take(30, 200);
  assert.deepEqual([place.start, place.end], [FOUR_GB + 170, FOUR_GB + 200]);
});
