import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { arrayOf, assertRefused, jsonOf } from '../../../support/json-value.ts';

test('elements are written by their own kind', () => {
  assert.equal(jsonOf(arrayOf('int'), '{1,NULL,3}'), '[1,null,3]');
  assert.equal(jsonOf(arrayOf('decimal'), '{1.50,NaN,-0.10}'), '[1.50,"NaN",-0.10]');
  assert.equal(jsonOf(arrayOf('bool'), '{t,f,NULL}'), '[true,false,null]');
  assert.equal(jsonOf(arrayOf('bytes'), '{"\\\\x00ff10",NULL}'), '["AP8Q",null]');
  assert.equal(jsonOf(arrayOf('json'), '{"{\\"a\\": [1, 2]}","null"}'), '[{"a": [1, 2]},null]');
  assert.equal(jsonOf(arrayOf('datetime'), '{"2025-09-09 19:28:43.5",infinity}'), '["2025-09-09 19:28:43.500000","infinity"]');
  assert.equal(jsonOf(arrayOf('timestamptz'), '{"2025-09-09 11:28:43+00"}'), '["2025-09-09 11:28:43.000000"]');
  assert.equal(jsonOf(arrayOf('time'), '{24:00:00}'), '["24:00:00.000000"]');
  assert.equal(jsonOf(arrayOf('bit', 8), '{00000101,10000000}'), '[5,128]');
  assert.equal(jsonOf(arrayOf('bit', -1), '{0101}'), '["0101"]');
  assert.equal(jsonOf(arrayOf('map'), '{"\\"a\\"=>\\"1\\", \\"b\\"=>NULL"}'), '[{"a":"1","b":null}]');
  assert.equal(jsonOf(arrayOf('other', -1, ';'), '{(1,1),(0,0);(2,2),(1,1)}'), '["(1,1),(0,0)","(2,2),(1,1)"]');
});

test('only an unquoted NULL is null', () => {
  const text = '{a,"b,c","d\\"e","","NULL",NULL,"x y","\\\\","null"}';
  assert.equal(jsonOf(arrayOf('text'), text), '["a","b,c","d\\"e","","NULL",null,"x y","\\\\","null"]');
});

test('dimensions nest, lower bounds are dropped', () => {
  assert.equal(jsonOf(arrayOf('int'), '{{1,2},{3,4}}'), '[[1,2],[3,4]]');
  assert.equal(jsonOf(arrayOf('int'), '{{{1},{2}},{{NULL},{4}}}'), '[[[1],[2]],[[null],[4]]]');
  assert.equal(jsonOf(arrayOf('int'), '[0:1]={1,2}'), '[1,2]');
  assert.equal(jsonOf(arrayOf('int'), '[-1:0][2:3]={{1,2},{3,4}}'), '[[1,2],[3,4]]');
  assert.equal(jsonOf(arrayOf('int'), '{}'), '[]');
});

test('an array whose elements are not known is its text', () => {
  assert.equal(jsonOf({ kind: 'array' }, '{1,2}'), '"{1,2}"');
  assert.equal(jsonOf(arrayOf('array'), '{"{1,2}"}'), '["{1,2}"]');
});

type Nested = (string | null)[] | Nested[];

/** As array_out prints it. */
function literal(array: Nested): string {
  const element = (value: string | null) => {
    if (value === null) return 'NULL';
    const plain = /^[^\s{}",\\]+$/.test(value) && value.toUpperCase() !== 'NULL';
    return plain ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
  };
  return `{${array.map((item) => (Array.isArray(item) ? literal(item) : element(item))).join(',')}}`;
}

test('any text array survives, in one dimension and two', () => {
  const value = fc.option(
    fc.oneof(fc.string({ unit: 'grapheme', maxLength: 10 }), fc.constantFrom('NULL', 'null', '', '{', '"', '\\', ',', 'a b', '😁')),
  );
  const row = fc.array(value, { maxLength: 5 });
  fc.assert(
    fc.property(row, (array) => assert.deepEqual(JSON.parse(jsonOf(arrayOf('text'), literal(array))), array)),
    { numRuns: 500 },
  );
  const table = fc.array(fc.array(value, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(table, (array) => assert.deepEqual(JSON.parse(jsonOf(arrayOf('text'), literal(array))), array)),
    { numRuns: 500 },
  );
});

test('an element larger than the scratch memory is unescaped all the same', () => {
  const big = 'x"y\\'.repeat(40_000);
  assert.deepEqual(JSON.parse(jsonOf(arrayOf('text'), literal([big, 'a"b']))), [big, 'a"b']);
});

test('what is no array is refused, wherever it is cut', () => {
  for (const whole of ['{a,"b\\"c",NULL}', '{{1,2},{3,4}}', '[0:1]={1,2}']) {
    for (let length = 0; length < whole.length; length++)
      assertRefused(arrayOf('text'), whole.slice(0, length), /expected an array literal with ',' between/);
  }
  for (const text of [
    '1,2',
    '{1,2}}',
    '{1,2} ',
    '{,}',
    '{1,}',
    '{,1}',
    '{1 2"}',
    '{a\\b}',
    '{{1},2{}',
    '{1}{2}',
    '"{1}"',
    '[0:1]',
    '{"a"b}',
    '{"a""b"}',
  ]) {
    assertRefused(arrayOf('text'), text, /expected an array literal/);
  }
});

test('an error of an element names the column', () => {
  assertRefused(arrayOf('int'), '{1,x}', /expected a decimal number/);
});
