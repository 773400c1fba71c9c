import assert from 'node:assert/strict';
import test from 'node:test';
import { ColumnKind } from '../../../../engine/change/column-kind.ts';
import { JsonForm, PLAIN_VALUES, type ValueStyle } from '../../../../engine/change/json/plan.ts';
import { clocksOf } from '../../../../engine/change/time/clock.ts';
import { PLAIN_TIMES } from '../../../support/formats.ts';
import { arrayOf, valuePlan } from '../../../support/json-value.ts';
import type { TestColumn } from '../../../support/rows.ts';

test('every kind has a form', () => {
  const forms = new Set<number>(Object.values(JsonForm));
  for (const kind of Object.keys(ColumnKind) as (keyof typeof ColumnKind)[])
    for (const valueForm of ['output', 'declared'] as const) assert.ok(forms.has(valuePlan({ kind }, PLAIN_VALUES, valueForm).form), kind);
});

test('only bit strings of a fixed length up to 64 are numbers', () => {
  const form = (length: number) => valuePlan({ kind: 'bit', length }).form;
  assert.deepEqual([form(1), form(64)], [JsonForm.bits, JsonForm.bits]);
  assert.deepEqual([form(65), form(-1), form(0)], [JsonForm.text, JsonForm.text, JsonForm.text]);
});

test('an array has the plan of its elements', () => {
  const plan = valuePlan(arrayOf('bit', 8, ';'));
  assert.equal(plan.form, JsonForm.array);
  assert.equal(plan.element?.form, JsonForm.bits);
  assert.equal(plan.delimiter, 0x3b);
  assert.equal(plan.element.column, 'c');
});

test('values as declared have forms of their own, and no clock', () => {
  const { instants } = clocksOf({ ...PLAIN_TIMES, pattern: 'yyyy' });
  const form = (kind: TestColumn['kind'], style: Partial<ValueStyle> = {}, length = -1) =>
    valuePlan({ kind, length }, { ...PLAIN_VALUES, instants, ...style }, 'declared').form;
  assert.deepEqual(
    (['date', 'datetime', 'timestamptz'] as const).map((kind) => form(kind)),
    [JsonForm.date, JsonForm.date, JsonForm.date],
  );
  assert.equal(form('datetime', { zeroDates: 'null' }), JsonForm.dateOrNull);
  assert.equal(form('time'), JsonForm.text, 'with its sign, beyond 24 hours');
  assert.deepEqual([form('bit', {}, 8), form('bit', {}, 64)], [JsonForm.number, JsonForm.number]);
  assert.equal(form('bytes'), JsonForm.rawBytes);
  assert.equal(form('decimal'), JsonForm.javaDecimal);
  assert.equal(form('decimal', { shortDecimals: true }), JsonForm.shortDecimal);
  assert.equal(form('year'), JsonForm.year);
});
