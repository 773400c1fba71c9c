import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromErrorRecord, MillraceError, toErrorRecord } from '../../../engine/base/errors.ts';

test('an error crosses a thread or process boundary whole', () => {
  const error = new MillraceError('INTERNAL', 'row 7 is impossible', { table: 'shop.orders', row: 7 });
  const copy = fromErrorRecord(JSON.parse(JSON.stringify(toErrorRecord(error))));
  assert.deepEqual([copy.code, copy.message, copy.details, copy.stack], [error.code, error.message, error.details, error.stack]);
  assert.equal(copy.action, 'retry');
});

test('what is no error of ours becomes an internal one and keeps its words', () => {
  for (const thrown of [new TypeError('x is not a function'), 'x is not a function']) {
    const record = toErrorRecord(thrown);
    assert.deepEqual([record.code, record.message, record.details], ['INTERNAL', 'x is not a function', {}]);
    assert.match(record.stack ?? '', /x is not a function/);
  }
});
