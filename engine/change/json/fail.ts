import { MillraceError } from '../../base/errors.ts';
import type { ByteView } from '../../base/byte-view.ts';
import type { ValuePlan } from './plan.ts';

/** Bytes of a refused value that its error shows. */
const EXCERPT_BYTES = 48;

/** Throws VALUE_INVALID for `input[start, end)`, which is not what the column's type prints. `expected` says what would be. */
export function failValue(plan: ValuePlan, input: ByteView, start: number, end: number, expected: string): never {
  const cut = Math.min(end, start + EXCERPT_BYTES);
  const text = JSON.stringify(Buffer.from(input.bytes.slice(start, cut)).toString('utf8'));
  const more = cut < end ? ` and ${end - cut} bytes more` : '';
  throw new MillraceError(
    'VALUE_INVALID',
    `column ${plan.column} of ${plan.table} (${plan.sourceType}) has the value ${text}${more}; expected ${expected}`,
    { table: plan.table, column: plan.column, type: plan.sourceType },
  );
}
