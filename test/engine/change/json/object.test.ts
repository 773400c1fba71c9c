import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ByteView } from '../../../../engine/base/byte-view.ts';
import { PLAIN_ROWS, RowObject, type RowStyle } from '../../../../engine/change/json/object.ts';
import { valueBound } from '../../../../engine/change/json/bound.ts';
import type { TableSchema } from '../../../../engine/change/table-schema.ts';
import { jsonOf } from '../../../support/json-value.ts';
import { rowImage, tableSchema, UNCHANGED, type ImageValue, type TestColumn } from '../../../support/rows.ts';

/** The object written for an image that ends where its memory ends (`spare` 0) or before it. */
function objectOf(
  columns: readonly TestColumn[],
  image: readonly ImageValue[] | Uint8Array,
  old: readonly ImageValue[] | null = null,
  spare = 0,
  style: RowStyle = PLAIN_ROWS,
  rest: Partial<TableSchema> = {},
): string {
  const row = new RowObject(tableSchema(columns, [], rest), style);
  const oldBytes = old === null ? Buffer.alloc(0) : rowImage(old);
  const newBytes = image instanceof Uint8Array ? Buffer.from(image) : rowImage(image);
  const input = new ByteView(Buffer.concat([oldBytes, newBytes, Buffer.alloc(spare, '"')]));
  const values = row.values.reduce((sum, plan) => sum + 2 * valueBound(plan, input, 0, input.bytes.length), 0);
  const output = new ByteView(new Uint8Array(5 + 2 + row.namesLength + values).fill(0xee));
  const newEnd = oldBytes.length + newBytes.length;
  const end = row.write(input, oldBytes.length, newEnd, 0, oldBytes.length, output, 5);
  assert.deepEqual([...output.bytes.subarray(0, 5)], [0xee, 0xee, 0xee, 0xee, 0xee]);
  return Buffer.from(output.bytes.subarray(5, end)).toString();
}

const text = (name: string): TestColumn => ({ name, kind: 'text' });

test('columns stand in the order of the table', () => {
  const columns: TestColumn[] = [{ name: 'z', kind: 'int' }, text('a'), { name: 'flag', kind: 'bool' }, { name: 'at', kind: 'datetime' }];
  assert.equal(
    objectOf(columns, ['-1', 'x', 't', '2025-09-09 19:28:43']),
    '{"z":-1,"a":"x","flag":true,"at":"2025-09-09 19:28:43.000000"}',
  );
  assert.equal(objectOf(columns, [null, null, null, null]), '{"z":null,"a":null,"flag":null,"at":null}');
});

test('names are escaped', () => {
  assert.equal(objectOf([text('a"b'), text('naïve'), text('😁')], ['1', null, '3']), '{"a\\"b":"1","naïve":null,"\\uD83D\\uDE01":"3"}');
});

test('a table without columns is an empty object', () => {
  assert.equal(objectOf([], []), '{}');
});

test('unchanged TOAST is filled from the old image, or left out', () => {
  const columns = [text('a'), text('b'), text('c')];
  assert.equal(objectOf(columns, ['1', UNCHANGED, '3']), '{"a":"1","c":"3"}');
  assert.equal(objectOf(columns, [UNCHANGED, UNCHANGED, '3']), '{"c":"3"}');
  assert.equal(objectOf(columns, [UNCHANGED, UNCHANGED, UNCHANGED]), '{}');
  assert.equal(objectOf(columns, ['1', UNCHANGED, '3'], ['0', 'old', '2']), '{"a":"1","b":"old","c":"3"}');
  assert.equal(objectOf(columns, [UNCHANGED, UNCHANGED, UNCHANGED], ['0', null, '2']), '{"a":"0","c":"2"}');
});

/** Every kind with texts that take its short way, its long way, and their border. */
const SAMPLES: readonly (readonly [Omit<TestColumn, 'name'>, readonly string[]])[] = [
  [{ kind: 'int' }, ['0', '5', '-5', '123456789012345678901234567890', '99999999999999999999']],
  [{ kind: 'decimal' }, ['1.50', '-1.50', 'NaN', '-Infinity', '1e+10', '0.5', '12345.678901234567890123456789']],
  [{ kind: 'bool' }, ['t', 'f']],
  [
    { kind: 'text' },
    ['', 'a', 'ab', 'abc', 'abcd', 'abcde', 'a"b', 'abcd"', 'é', 'abcdefgé', '😁', '\n', 'x'.repeat(131), `${'x'.repeat(131)}\t`],
  ],
  [{ kind: 'date' }, ['2025-09-09', '0044-03-15 BC', 'infinity']],
  [{ kind: 'time' }, ['19:28:43', '19:28:43.5', '24:00:00', '00:00:00.000001']],
  [
    { kind: 'datetime' },
    ['2025-09-09 19:28:43', '2025-09-09 19:28:43.484612', '0044-03-15 12:00:00.123 BC', 'infinity', '-infinity', '294276-12-31 23:59:59.9'],
  ],
  [
    { kind: 'timestamptz' },
    [
      '2025-09-09 11:28:43+00',
      '2025-09-09 11:28:43.484612+00',
      '0044-03-15 12:00:00.12+00 BC',
      'infinity',
      '-infinity',
      '12025-09-09 11:28:43.1+00',
    ],
  ],
  [{ kind: 'bytes' }, ['\\x', '\\x00', '\\x00ff10']],
  [{ kind: 'json' }, ['null', '{"a": 1}']],
  [{ kind: 'uuid' }, ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']],
  [{ kind: 'bit', length: 8 }, ['00000101']],
];

test('a row writes each value as writeValue does, whatever stands around it and wherever memory ends', () => {
  const cell = fc.constantFrom(...SAMPLES).chain(([column, texts]) => fc.constantFrom(...texts).map((value) => ({ column, value })));
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1, maxLength: 8 }), fc.integer({ min: 0, max: 9 }), (cells, spare) => {
      const columns = cells.map(({ column }, i) => ({ name: `${'n'.repeat(i)}_${i}`, ...column }));
      const image = cells.map(({ value }) => value);
      const expected = columns.map((column, i) => `"${column.name}":${jsonOf(column, image[i]!)}`).join(',');
      assert.equal(objectOf(columns, image, null, spare), `{${expected}}`);
    }),
    { numRuns: 2_000 },
  );
});

test('a refused value is an error with its column', () => {
  const columns: TestColumn[] = [text('a'), { name: 'at', kind: 'timestamptz', sourceType: 'timestamp with time zone' }];
  assert.throws(() => objectOf(columns, ['x', '2025-09-09 19:28:43+08']), {
    code: 'VALUE_INVALID',
    message: /^column at of public\.tx \(timestamp with time zone\) has the value "2025-09-09 19:28:43\+08"; expected the offset \+00/,
  });
});

test('what is no clock time is refused in a row as well', () => {
  for (const value of ['', ':00', '1:00', '12:00', '12:00:0-', '12:00:00.', '12:00:00.1234567']) {
    for (const kind of ['time', 'datetime'] as const) {
      assert.throws(
        () => objectOf([text('a'), { name: 'b', kind }], ['12:00', value], null, 8),
        { code: 'VALUE_INVALID', message: /^column b / },
        value,
      );
    }
    assert.throws(() => objectOf([{ name: 'b', kind: 'timestamptz' }], [`${value}+00`], null, 8), { code: 'VALUE_INVALID' }, value);
  }
});

test('an image that is cut, too long, of other columns or with unknown marks is refused', () => {
  const columns = [text('a'), text('b'), text('c')];
  const image = rowImage(['12345', null, UNCHANGED]);
  const refused = (bytes: Uint8Array, what: string) =>
    assert.throws(() => objectOf(columns, bytes), { code: 'ROW_IMAGE_INVALID', message: /public\.tx/ }, what);
  for (let length = 0; length < image.length; length++) refused(image.subarray(0, length), `cut at ${length}`);
  refused(Buffer.concat([image, Buffer.of(0x6e)]), 'too long');
  refused(rowImage(['1', '2']), 'two columns');
  for (const at of [2, image.length - 1]) {
    const bytes = Buffer.from(image);
    bytes[at] = 0x62;
    refused(bytes, `mark at ${at}`);
  }
  for (const length of [6, 0x7fffffff, -1]) {
    const bytes = Buffer.from(image);
    bytes.writeInt32BE(length, 3);
    refused(bytes, `length ${length}`);
  }
});

test('a style leaves columns out, drops nulls, renames and shortens decimals', () => {
  const columns = [text('a'), { name: 'b', kind: 'decimal' } as const, text('c')];
  const styled = (style: Partial<RowStyle>, image: readonly ImageValue[], old: readonly ImageValue[] | null = null) =>
    objectOf(columns, image, old, 0, { ...PLAIN_ROWS, ...style });
  assert.equal(styled({ nulls: false }, [null, '1', null]), '{"b":1}');
  assert.equal(styled({ nulls: false }, [null, null, null]), '{}');
  const withoutA = { isExcluded: (column: string) => column === 'a' };
  assert.equal(styled(withoutA, ['x', '1', 'y']), '{"b":1,"c":"y"}');
  assert.equal(styled(withoutA, [null, '1', 'y']), '{"b":1,"c":"y"}');
  assert.equal(styled(withoutA, [UNCHANGED, UNCHANGED, 'y'], ['x', '2', 'z']), '{"b":2,"c":"y"}');
  assert.equal(styled({ nameOf: (column) => `${column}"` }, ['x', '1', 'y']), '{"a\\"":"x","b\\"":1,"c\\"":"y"}');
  const short = { values: { ...PLAIN_ROWS.values, shortDecimals: true } };
  for (const [given, written] of [
    ['1.50', '1.5'],
    ['100.00', '100'],
    ['100', '100'],
    ['-0.10', '-0.1'],
    ['12345678901234567890.00', '12345678901234567890'],
    ['NaN', '"NaN"'],
  ]) {
    assert.equal(styled(short, ['x', given!, null]), `{"a":"x","b":${written},"c":null}`);
  }
});

test('a zero date that is null is left out where nulls are', () => {
  const columns: TestColumn[] = [text('a'), { name: 'day', kind: 'date' }, { name: 'n', kind: 'int' }];
  const values = { ...PLAIN_ROWS.values, zeroDates: 'null' } as const;
  const styled = (nulls: boolean, image: readonly ImageValue[], old: readonly ImageValue[] | null = null) =>
    objectOf(columns, image, old, 0, { ...PLAIN_ROWS, values, nulls }, { valueForm: 'declared' });
  assert.equal(styled(true, ['x', '0000-00-00', '1']), '{"a":"x","day":null,"n":1}');
  assert.equal(styled(false, ['x', '0000-00-00', '1']), '{"a":"x","n":1}');
  assert.equal(styled(false, ['x', '2015-11-07', '1']), '{"a":"x","day":"2015-11-07","n":1}');
  assert.equal(styled(false, ['x', UNCHANGED, '1'], ['x', '0000-00-00', '1']), '{"a":"x","n":1}');
});
