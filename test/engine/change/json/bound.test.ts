import assert from 'node:assert/strict';
import test from 'node:test';
import { valueBound, VALUE_FACTOR, VALUE_OVERHEAD } from '../../../../engine/change/json/bound.ts';
import { ByteView } from '../../../../engine/base/byte-view.ts';
import { arrayOf, jsonOf, valuePlan } from '../../../support/json-value.ts';

const bound = (column: Parameters<typeof valuePlan>[0], text: string) => {
  const bytes = Buffer.from(text);
  return valueBound(valuePlan(column), new ByteView(bytes), 0, bytes.length);
};

test('long plain values need little more room than their bytes', () => {
  const long = 'x'.repeat(100_000);
  assert.equal(bound({ kind: 'text' }, long), 100_000 + VALUE_OVERHEAD);
  assert.equal(bound({ kind: 'json' }, long), 100_000 + VALUE_OVERHEAD);
  assert.equal(bound({ kind: 'decimal' }, long), 100_000 + VALUE_OVERHEAD);
  assert.ok(bound({ kind: 'bytes' }, long) < 134_000);
  assert.ok(bound({ kind: 'bytes' }, `\\x${'00'.repeat(50_000)}`) < 66_800);
  assert.ok(bound(arrayOf('decimal'), `{${'1.5,'.repeat(25_000)}1}`) < 151_000);
  assert.ok(bound({ kind: 'map' }, `"a"=>"${long}"`) < 100_100);
});

test('what grows most stays within the bound and the factor', () => {
  const worst = [
    [{ kind: 'text' }, '\u0001'.repeat(1_000)],
    [{ kind: 'text' }, '😁'.repeat(1_000)],
    [{ kind: 'text' }, '"\\'.repeat(1_000)],
    [{ kind: 'bool' }, 'f'],
    [{ kind: 'time' }, '00:00:00'],
    [{ kind: 'bytes' }, 'abc'.repeat(1_000)],
    [{ kind: 'set' }, 'a,'.repeat(1_000)],
    [{ kind: 'map' }, '""=>NULL'],
    [arrayOf('bool'), `{${'f,'.repeat(1_000)}f}`],
    [arrayOf('text'), `{${'a,'.repeat(1_000)}a}`],
    [arrayOf('text'), `{"${'\u0001'.repeat(1_000)}"}`],
    [arrayOf('time'), `{${'00:00:00,'.repeat(1_000)}00:00:00}`],
    [arrayOf('bit', 1), `{${'1,'.repeat(1_000)}1}`],
    [arrayOf('decimal'), `{${'NaN,'.repeat(1_000)}NaN}`],
    [arrayOf('timestamptz'), `{${'"2025-01-01 00:00:00+00",'.repeat(1_000)}infinity}`],
    [arrayOf('bytes'), `{${'"\\\\x00",'.repeat(1_000)}a}`],
    [arrayOf('bytes'), `{${'a,'.repeat(1_000)}a}`],
    [arrayOf('json'), `{${'1,'.repeat(1_000)}1}`],
    [arrayOf('map'), `{${'"\\"a\\"=>\\"\\"",'.repeat(1_000)}NULL}`],
    [arrayOf('other', -1, ';'), `{${'a;'.repeat(1_000)}a}`],
  ] as const;
  for (const [column, text] of worst) {
    // jsonOf itself asserts that the output stays within valueBound.
    assert.ok(jsonOf(column, text).length <= text.length * VALUE_FACTOR * 2 + VALUE_OVERHEAD);
    assert.ok(bound(column, text) <= Buffer.byteLength(text) * VALUE_FACTOR + VALUE_OVERHEAD);
  }
});
