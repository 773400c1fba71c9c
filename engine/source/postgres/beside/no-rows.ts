import { assert } from '../../../base/assert.ts';
import type { CopyTaker } from '../copy/stream.ts';
import { fromServerError } from '../server-error.ts';

/** What takes the rows of a query without COPY: there are none. */
export const NO_ROWS: CopyTaker = {
  enter: noRows,
  line: noRows,
  beginOversize: noRows,
  oversizePiece: noRows,
  endOversize: noRows,
  flush: () => undefined,
  fail: (fields) => fromServerError(fields, 'cannot begin to read a part of a table'),
};

function noRows(): never {
  assert(false, 'no COPY, no rows');
}
