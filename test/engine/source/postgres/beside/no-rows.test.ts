import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_ROWS } from '../../../../../engine/source/postgres/beside/no-rows.ts';

test('a query without COPY has no rows to take, and its error is what the server says', () => {
  const bytes = new Uint8Array(1);
  for (const take of [() => NO_ROWS.enter(), () => NO_ROWS.line(bytes, 0, 1), () => NO_ROWS.endOversize()])
    assert.throws(take, /no COPY, no rows/);
  NO_ROWS.flush();
  const error = NO_ROWS.fail({ code: '57014', message: 'canceling statement', detail: null, hint: null, routine: null, context: null });
  assert.match(error.message, /^cannot begin to read a part of a table: .*canceling statement/);
});
