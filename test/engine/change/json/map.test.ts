import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { assertRefused, jsonOf } from '../../../support/json-value.ts';

const MAP = { kind: 'map' } as const;

/** As hstore_out prints it. */
function hstore(entries: readonly (readonly [string, string | null])[]): string {
  const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
  return entries.map(([key, value]) => `${quoted(key)}=>${value === null ? 'NULL' : quoted(value)}`).join(', ');
}

test('an hstore is an object of strings and nulls', () => {
  assert.equal(jsonOf(MAP, '"a"=>"1", "b"=>NULL, "c d"=>"x\\"y"'), '{"a":"1","b":null,"c d":"x\\"y"}');
  assert.equal(jsonOf(MAP, ''), '{}');
  assert.equal(jsonOf(MAP, '""=>""'), '{"":""}');
  assert.equal(jsonOf(MAP, '"n"=>"NULL"'), '{"n":"NULL"}');
  assert.equal(jsonOf(MAP, '"a=>b, c"=>"=>"'), '{"a=>b, c":"=>"}');
});

test('any keys and values survive', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 12 });
  fc.assert(
    fc.property(fc.array(fc.tuple(text, fc.option(text)), { maxLength: 6 }), (entries) => {
      const json = jsonOf(MAP, hstore(entries));
      assert.deepEqual(JSON.parse(json), Object.fromEntries(entries));
    }),
  );
});

test('what is no hstore is refused, wherever it is cut', () => {
  const whole = '"a"=>"1", "b"=>NULL';
  for (let length = 1; length < whole.length; length++) {
    if (length !== '"a"=>"1"'.length) assertRefused(MAP, whole.slice(0, length), /expected an hstore/);
  }
  for (const text of ['a=>1', '"a"=>1', '"a"=>null', '"a"=>"1","b"=>"2"', '"a" => "1"', '"a"=>"1" ', '"a"=>"1", ', ', ', '"a"=>"\\']) {
    assertRefused(MAP, text, /expected an hstore/);
  }
});
