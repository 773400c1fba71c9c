import assert from 'node:assert/strict';
import test from 'node:test';
import { compareLsn, formatLsn, isBeyond, lsnDistance, lsnIn, parseLsn } from '../../../../engine/source/postgres/lsn.ts';

test('positions are read and written as the server does, all 64 bits', () => {
  for (const text of ['0/0', '16/B374D848', 'FFFFFFFF/FFFFFFFF', '0/80000000', '1/0']) {
    const { high, low } = parseLsn(text);
    assert.equal(formatLsn(high, low), text);
    assert.equal(formatLsn(high | 0, low | 0), text, 'signed words print alike');
  }
  assert.deepEqual(parseLsn('ab/cd'), { high: 0xab, low: 0xcd });
});

test('what is no position is a named error', () => {
  for (const text of ['', '0', '0/', '/0', '123456789/0', '0/0 ', 'x/0', '0/0/0', '-1/0']) {
    assert.throws(() => parseLsn(text), { code: 'POSITION_INVALID' });
  }
});

test('order holds beyond 2^31, 2^32 and 2^53, with signed words too', () => {
  const ordered = ['0/0', '0/1', '0/7FFFFFFF', '0/80000000', '0/FFFFFFFF', '1/0', '7FFFFFFF/0', '80000000/0', 'FFFFFFFF/FFFFFFFF'];
  for (const [i, a] of ordered.entries()) {
    for (const [j, b] of ordered.entries()) {
      const [left, right] = [parseLsn(a), parseLsn(b)];
      assert.equal(Math.sign(compareLsn(left.high, left.low, right.high, right.low)), Math.sign(i - j), `${a} ${b}`);
      assert.equal(Math.sign(compareLsn(left.high | 0, left.low | 0, right.high, right.low)), Math.sign(i - j), `${a} ${b} signed`);
      assert.equal(isBeyond(a, b), i > j);
    }
  }
});

test('distance counts bytes over a word boundary and never goes below zero', () => {
  assert.equal(lsnDistance(parseLsn('0/FFFFFFFF'), parseLsn('1/1')), 2);
  assert.equal(lsnDistance(parseLsn('1/1'), parseLsn('0/FFFFFFFF')), 0);
});

test('a position belongs to one slot', () => {
  assert.deepEqual(lsnIn({ kind: 'postgres', parts: [{ connection: 's', lsn: '1/2' }] }, 's'), { high: 1, low: 2 });
  const others = [
    [],
    [{ connection: 't', lsn: '1/2' }],
    [
      { connection: 's', lsn: '1/2' },
      { connection: 't', lsn: '1/2' },
    ],
  ];
  for (const parts of others) assert.throws(() => lsnIn({ kind: 'postgres', parts }, 's'), { code: 'POSITION_INVALID' });
});
