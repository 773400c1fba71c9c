import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteView } from '../../../../engine/base/byte-view.ts';
import { Civil } from '../../../../engine/change/time/civil.ts';
import { DEFAULT_PATTERN, parsePattern, Pattern } from '../../../../engine/change/time/pattern.ts';

function written(text: string, change: Partial<Civil> = {}): string {
  const parts = parsePattern(text);
  assert.ok(typeof parts !== 'string', text);
  const pattern = new Pattern(parts);
  const civil = Object.assign(new Civil(), { year: 2025, month: 9, day: 8, hour: 7, minute: 6, second: 5, micros: 484_600 }, change);
  const output = new ByteView(new Uint8Array(pattern.lengthMax + 12));
  const end = pattern.write(civil, output, 2);
  assert.ok(end - 2 <= pattern.lengthMax);
  return Buffer.from(output.bytes.subarray(2, end)).toString();
}

test("letters mean what they mean in Java's patterns", () => {
  for (const [pattern, text] of [
    [DEFAULT_PATTERN, '2025-09-08 07:06:05.484600'],
    ['yyyyMMddHHmmss', '20250908070605'],
    ['y/M/d H:m:s', '2025/9/8 7:6:5'],
    ['yy', '25'],
    ['yyy', '2025'],
    ['yyyyyy', '002025'],
    ['S', '4'],
    ['SSS', '484'],
    ['SSSSSSSSS', '484600000'],
    ["yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", '2025-09-08T07:06:05.484Z'],
    ["''y'it''s'", "'2025it's"],
    ["d'y'M", '8y9'],
    ['y, é', '2025, é'],
    ['"\\y', '\\"\\\\2025'],
  ] as const) {
    assert.equal(written(pattern), text, pattern);
  }
});

test('years have the digits that they need, never a sign', () => {
  const year = (value: number, pattern = 'yyyy') => written(pattern, { year: value });
  assert.deepEqual([year(1), year(9_999), year(10_000), year(294_277)], ['0001', '9999', '10000', '294277']);
  assert.deepEqual([year(0), year(-43), year(-4_712)], ['0001', '0044', '4713']);
  assert.deepEqual([year(2_005, 'yy'), year(12_099, 'yy'), year(7, 'y')], ['05', '99', '7']);
});

test('a fraction is cut, not rounded', () => {
  assert.deepEqual(
    ['S', 'SS', 'SSS', 'SSSSSS', 'SSSSSSSS'].map((pattern) => written(pattern, { micros: 999_999 })),
    ['9', '99', '999', '999999', '99999900'],
  );
  assert.equal(written('SSS', { micros: 1 }), '000');
});

test('what is no such pattern is refused, with its reason', () => {
  for (const [pattern, reason] of [
    ['', /empty/],
    ['yyyy-MM-dd G', /letter G/],
    ['uuuu', /letter u/],
    ['hh:mm a', /letter h/],
    ['MMM', /MMM has more than 2 letters/],
    ['HHH', /HHH has more than 2/],
    ['SSSSSSSSSS', /more than 9/],
    ["yyyy'T", /quote is not closed/],
    ["'", /quote is not closed/],
    ['yyyy[-MM]', /character \[/],
    ['#', /character #/],
    [`'${'x'.repeat(200)}'`, /more than 90 bytes/],
    ['VV', /letter V/],
  ] as const) {
    const parts = parsePattern(pattern);
    assert.ok(typeof parts === 'string' && reason.test(parts), pattern);
  }
});
