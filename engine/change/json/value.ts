import { writeArray } from './array.ts';
import type { ByteView } from '../../base/byte-view.ts';
import { JsonForm, type ValuePlan } from './plan.ts';
import { writeScalar } from './scalar.ts';

/**
 * Writes the canonical text `input[start, end)` of one value as JSON and returns its end. Complete for every kind; rows take the shorter
 * way of `object.ts` where they can. There must be room for `valueBound` bytes.
 * @throws MillraceError VALUE_INVALID naming table and column
 */
export function writeValue(plan: ValuePlan, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  return plan.form === JsonForm.array
    ? writeArray(plan, input, start, end, output, position)
    : writeScalar(plan, input, start, end, output, position);
}
