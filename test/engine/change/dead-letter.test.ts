import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MillraceError } from '../../../engine/base/errors.ts';
import { DEAD_LETTER_REASONS, deadLetterReason } from '../../../engine/change/dead-letter.ts';

test('errors of a row alone are reasons; those of a table, of the stream or of a defect are not', () => {
  for (const reason of DEAD_LETTER_REASONS) assert.equal(deadLetterReason(new MillraceError(reason, 'a row')), reason);
  for (const code of ['COLUMN_NAMES_CLASH', 'ROW_IMAGE_INVALID', 'ROW_UNSENDABLE', 'PRODUCE_REFUSED', 'INTERNAL'] as const) {
    assert.equal(deadLetterReason(new MillraceError(code, 'no row')), null);
  }
  assert.equal(deadLetterReason(new TypeError('MESSAGE_TOO_LARGE')), null);
});
