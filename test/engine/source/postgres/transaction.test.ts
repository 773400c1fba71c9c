import assert from 'node:assert/strict';
import test from 'node:test';
import { Transaction } from '../../../../engine/source/postgres/transaction.ts';

function halfRead(rows: number): Transaction {
  const transaction = new Transaction();
  assert.equal(transaction.begin(1, 100, 7), true);
  for (let row = 1; row <= rows; row++) transaction.countRow(1, row);
  transaction.lose();
  return transaction;
}

test('a transaction begins, has rows and ends', () => {
  const transaction = new Transaction();
  assert.ok(transaction.isNone);
  assert.equal(transaction.begin(1, 100, 7), true);
  assert.ok(!transaction.isNone && transaction.isOpen);
  assert.equal(transaction.xid, 7);
  assert.ok(transaction.isCommittedAt(1, 100) && !transaction.isCommittedAt(1, 101) && !transaction.isCommittedAt(2, 100));
  assert.equal(transaction.passesOver(1, 1), false);
  transaction.end();
  assert.ok(transaction.isNone);
});

test('a connection lost between transactions leaves nothing to repeat', () => {
  const transaction = new Transaction();
  transaction.lose();
  assert.ok(transaction.isNone);
  assert.equal(transaction.begin(1, 100, 7), true);
});

test('what was read is passed over once', () => {
  const transaction = halfRead(2);
  assert.ok(!transaction.isNone && !transaction.isOpen);
  assert.equal(transaction.begin(1, 100, 7), false);
  assert.deepEqual([transaction.passesOver(1, 1), transaction.passesOver(1, 2), transaction.passesOver(1, 3)], [true, true, false]);
  transaction.countRow(1, 3);
  transaction.end();
  assert.ok(transaction.isNone);
});

test('a connection lost again while rows are passed over forgets none of them', () => {
  const transaction = halfRead(3);
  transaction.begin(1, 100, 7);
  transaction.passesOver(1, 1);
  transaction.lose();
  assert.equal(transaction.begin(1, 100, 7), false);
  const passed = [1, 2, 3, 4].map((row) => transaction.passesOver(1, row));
  assert.deepEqual(passed, [true, true, true, false]);
});

test('a transaction that comes back changed is a named error', () => {
  for (const [high, low, xid] of [
    [1, 100, 8],
    [1, 101, 7],
    [2, 100, 7],
  ] as const) {
    assert.throws(() => halfRead(1).begin(high, low, xid), { code: 'STREAM_DIVERGED' });
  }
  const shorter = halfRead(2);
  shorter.begin(1, 100, 7);
  shorter.passesOver(1, 1);
  assert.throws(() => shorter.end(), { code: 'STREAM_DIVERGED' });
  const moved = halfRead(2);
  moved.begin(1, 100, 7);
  moved.passesOver(1, 1);
  assert.throws(() => moved.passesOver(1, 3), { code: 'STREAM_DIVERGED', message: /0*1\/3/ });
});

test('a server that has passed the commit without sending it again is a named error', () => {
  const transaction = halfRead(1);
  transaction.checkPassed(1, 100);
  assert.throws(() => transaction.checkPassed(1, 101), { code: 'STREAM_DIVERGED' });
  const open = new Transaction();
  open.begin(1, 100, 7);
  open.checkPassed(1, 101);
});
