import assert from 'node:assert/strict';
import test from 'node:test';
import { readBigEndian, writeAscii, writeDigits, writePair, writeUint32 } from '../../../../../engine/source/mysql/rows/digits.ts';

test('digits with zeros in front, and no more of them than asked for', () => {
  const to = Buffer.alloc(40, 0x2e);
  let position = writeDigits(7, 3, to, 0);
  position = writePair(5, to, position);
  position = writeDigits(Number.MAX_SAFE_INTEGER, 16, to, position);
  position = writeDigits(1234, 2, to, position);
  position = writeAscii('end', to, position);
  assert.equal(to.toString('latin1', 0, position + 1), '00705900719925474099134end.');
});

test('numbers of 32 bits without zeros in front', () => {
  const to = Buffer.alloc(12);
  for (let power = 0; power <= 32; power++) {
    for (const value of [2 ** power, 2 ** power - 1, 10 ** Math.min(power, 9), 10 ** Math.min(power, 9) - 1].filter(
      (one) => one < 2 ** 32,
    )) {
      const end = writeUint32(value, to, 1);
      assert.equal(to.toString('latin1', 1, end), String(value));
    }
  }
});

test('big-endian numbers of up to six bytes', () => {
  const bytes = Buffer.from('00ffffffffffff01', 'hex');
  assert.equal(readBigEndian(bytes, 1, 7), 2 ** 48 - 1);
  assert.equal(readBigEndian(bytes, 6, 8), 0xff01);
  assert.equal(readBigEndian(bytes, 3, 3), 0);
});
