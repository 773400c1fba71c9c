import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  firstWrong,
  hasShape,
  isCount,
  isDigits,
  isName,
  parseFields,
  type Fields,
  type Shape,
} from '../../../engine/checkpoint/record-fields.ts';

interface Thing {
  readonly name: string;
  readonly count: number;
}

const THING: Shape<Thing> = { name: isName, count: isCount };

test('the first field that is missing or of another kind is named', () => {
  assert.equal(firstWrong({ name: 'x', count: 0 }, THING), null);
  assert.equal(firstWrong({ count: 0 }, THING), 'name');
  assert.equal(firstWrong({ name: 'x', count: -1 }, THING), 'count');
  assert.equal(hasShape([], THING), false);
  assert.equal(hasShape({ name: '', count: 1 }, THING), false);
});

const asItIs = (fields: Fields) => fields;

test('a body is its fields, or the reason why it is none', () => {
  assert.deepEqual(parseFields('{"name":"x","count":2,"more":3}', THING, asItIs), { name: 'x', count: 2 });
  assert.deepEqual(
    parseFields('{"name":"x","count":"old"}', THING, (fields) => ({ ...fields, count: 2 })),
    { name: 'x', count: 2 },
  );
  assert.equal(parseFields('{', THING, asItIs), 'its body is not JSON');
  assert.equal(parseFields('[]', THING, asItIs), 'its body is not a JSON object');
  assert.equal(parseFields('{"name":"x","count":1.5}', THING, asItIs), 'its field "count" is missing or malformed');
});

test('digits are whole numbers without a sign or a leading zero', () => {
  for (const text of ['0', '17', '9223372036854775807']) assert.ok(isDigits(text), text);
  for (const text of ['', '-1', '01', '1.0', 1]) assert.ok(!isDigits(text), String(text));
});
