import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MillraceError, toErrorRecord } from '../../../engine/base/errors.ts';
import { ErrorBook } from '../../../engine/control/error-book.ts';

test('the latest errors are kept whole, the latest first, and all are counted', () => {
  const book = new ErrorBook();
  for (let i = 0; i < 12; i++) {
    const code = i % 3 === 0 ? 'CAPTURE_DIED' : 'KAFKA_UNREACHABLE';
    book.add(toErrorRecord(new MillraceError(code, `error ${i}`)), new Date(i * 1000));
  }
  assert.deepEqual(
    [...book.counts],
    [
      ['CAPTURE_DIED', 4],
      ['KAFKA_UNREACHABLE', 8],
    ],
  );
  assert.equal(book.latest.length, 10);
  assert.deepEqual([book.latest[0]?.at, book.latest[0]?.error.message], ['1970-01-01T00:00:11.000Z', 'error 11']);
});
