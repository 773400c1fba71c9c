import assert from 'node:assert/strict';
import { valueBound } from '../../engine/change/json/bound.ts';
import { ByteView } from '../../engine/base/byte-view.ts';
import { PLAIN_VALUES, planValue, type ValuePlan, type ValueStyle } from '../../engine/change/json/plan.ts';
import type { ValueForm } from '../../engine/change/value-form.ts';
import { writeValue } from '../../engine/change/json/value.ts';
import { tableSchema, type TestColumn } from './rows.ts';

/** The plan of a column `c` of `public.t`. */
export function valuePlan(column: Omit<TestColumn, 'name'>, style: ValueStyle = PLAIN_VALUES, valueForm: ValueForm = 'output'): ValuePlan {
  const schema = tableSchema([{ name: 'c', ...column }], [], { table: 't', valueForm });
  return planValue(schema, schema.columns[0]!, style);
}

/** A column of an array type. */
export function arrayOf(kind: TestColumn['kind'], length = -1, delimiter = ','): Omit<TestColumn, 'name'> {
  const { columns } = tableSchema([{ name: 'c', kind }], []);
  return { kind: 'array', element: { kind: columns[0]!.kind, length, delimiter } };
}

const MARK = 0xee;

/**
 * What `writeValue` makes of a value's text. The text ends where its memory ends, so that reading beyond it fails; nothing may be
 * written before the position, nor more than `valueBound` promises.
 */
export function jsonOf(
  column: Omit<TestColumn, 'name'>,
  text: string | Uint8Array,
  style: ValueStyle = PLAIN_VALUES,
  valueForm: ValueForm = 'output',
): string {
  const plan = valuePlan(column, style, valueForm);
  const bytes = Buffer.from(text as Uint8Array);
  const input = new ByteView(Uint8Array.from([MARK, MARK, MARK, ...bytes]));
  const bound = valueBound(plan, input, 3, 3 + bytes.length);
  const output = new ByteView(new Uint8Array(5 + bound).fill(MARK));
  const end = writeValue(plan, input, 3, 3 + bytes.length, output, 5);
  assert.ok(end <= output.bytes.length, `${end - 5} bytes written, ${bound} promised`);
  assert.deepEqual([...output.bytes.subarray(0, 5)], [MARK, MARK, MARK, MARK, MARK], 'bytes before the value');
  return Buffer.from(output.bytes.subarray(5, end)).toString();
}

/** Asserts that a value is refused with VALUE_INVALID, a message that matches `message`, and the column's name. */
export function assertRefused(
  column: Omit<TestColumn, 'name'>,
  text: string | Uint8Array,
  message: RegExp,
  style: ValueStyle = PLAIN_VALUES,
  valueForm: ValueForm = 'output',
): void {
  assert.throws(() => jsonOf(column, text, style, valueForm), { name: 'MillraceError', code: 'VALUE_INVALID', message });
  assert.throws(() => jsonOf(column, text, style, valueForm), { message: /^column c of public\.t \(/ });
}
