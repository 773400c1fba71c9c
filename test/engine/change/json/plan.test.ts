import assert from 'node:assert/strict';
import test from 'node:test';
import { ColumnKind } from '../../../../engine/change/column-kind.ts';
import { JsonForm } from '../../../../engine/change/json/plan.ts';
import { arrayOf, valuePlan } from '../../../support/json-value.ts';

test('every kind has a form', () => {
  const forms = new Set<number>(Object.values(JsonForm));
  for (const kind of Object.keys(ColumnKind) as (keyof typeof ColumnKind)[]) assert.ok(forms.has(valuePlan({ kind }).form), kind);
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
