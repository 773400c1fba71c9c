import assert from 'node:assert/strict';
import test from 'node:test';
import { assertRefused, jsonOf } from '../../../support/json-value.ts';

test('booleans', () => {
  assert.equal(jsonOf({ kind: 'bool' }, 't'), 'true');
  assert.equal(jsonOf({ kind: 'bool' }, 'f'), 'false');
  for (const text of ['', 'true', 'T', '1', 'tf']) assertRefused({ kind: 'bool' }, text, /expected t or f/);
});

test('JSON is embedded byte for byte, blanks, duplicate keys, line ends and emoji included', () => {
  for (const text of [
    'null',
    '1',
    '{"b":1, "a" : [1,2.50,1e3] ,"b":2}',
    '{"a": [1, 2.50, 1000], "b": 2}',
    '{\n  "e": "😁\\u00e9"\n}',
    '"x"',
  ]) {
    assert.equal(jsonOf({ kind: 'json' }, text), text);
  }
  assertRefused({ kind: 'json' }, '', /expected a JSON document/);
});

test('kinds without a form of their own are strings', () => {
  for (const kind of ['text', 'date', 'enum', 'uuid', 'interval', 'geometry', 'other'] as const)
    assert.equal(jsonOf({ kind }, 'a"b'), '"a\\"b"');
  assert.equal(jsonOf({ kind: 'text' }, 'ab   '), '"ab   "');
});

test('a set is an array of its labels', () => {
  assert.equal(jsonOf({ kind: 'set' }, 'a,b c,d"'), '["a","b c","d\\""]');
  assert.equal(jsonOf({ kind: 'set' }, 'a'), '["a"]');
  assert.equal(jsonOf({ kind: 'set' }, ''), '[]');
  assert.equal(jsonOf({ kind: 'set' }, ',a'), '["","a"]');
  assert.equal(jsonOf({ kind: 'set' }, 'a,'), '["a",""]');
});
