import assert from 'node:assert/strict';
import test, { after, before, describe } from 'node:test';
import fc from 'fast-check';
import type pg from 'pg';
import { arrayOf, jsonOf } from '../support/json-value.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';
import type { TestColumn } from '../support/rows.ts';
import { skipUnless } from '../support/skip.ts';

type Column = Omit<TestColumn, 'name'>;

/** What a session of the source pins, so that text forms are the ones that the type table states. */
const SESSION = `
  SET TimeZone = 'UTC'; SET DateStyle = 'ISO, MDY'; SET IntervalStyle = 'postgres'; SET bytea_output = 'hex'; SET extra_float_digits = 1`;

const MICROS = "to_json(to_char(v, 'YYYY-MM-DD HH24:MI:SS.US'))";
const MICROS_BC = "to_json(to_char(v, 'YYYY-MM-DD HH24:MI:SS.US BC'))";
const AS_TEXT = 'to_json(v::text)';

/** Type, column, values as SQL, and an expression over `v` by which the server itself says what the JSON must be. */
const CASES: readonly (readonly [string, Column, readonly string[], string])[] = [
  ['bigint', { kind: 'int' }, ['-9223372036854775808', '9223372036854775807', '0', '-1'], 'to_json(v)'],
  ['numeric', { kind: 'decimal' }, ['0', '-0.10', '1e-20', '1e40', '123456789012345678901234567890.123456789'], 'to_json(v)'],
  ['numeric(160,60)', { kind: 'decimal' }, ['0', '230.33037109759', '-1024'], 'to_json(v)'],
  ['numeric', { kind: 'decimal' }, ["'NaN'", "'Infinity'", "'-Infinity'"], AS_TEXT],
  ['float8', { kind: 'float64' }, ['1e-5', '1e15', "'-0'", '1.7976931348623157e308', "'5e-324'", '0.1'], 'to_json(v)'],
  ['float8', { kind: 'float64' }, ["'NaN'", "'Infinity'", "'-Infinity'"], AS_TEXT],
  ['float4', { kind: 'float32' }, ['1e10', '0.1', "'3.4028235e38'", "'1e-45'"], 'to_json(v)'],
  ['boolean', { kind: 'bool' }, ['true', 'false'], 'to_json(v)'],
  ['text', { kind: 'text' }, [String.raw`E'a"b\\c'`, String.raw`E'\b\t\n\f\r'`, "'/'", "'日本語é'", "''"], 'to_json(v)'],
  ['character(5)', { kind: 'text' }, ["'ab'", "'日本'"], 'to_json(rpad(v::text, 5))'],
  ['date', { kind: 'date' }, ["'2025-09-09'", "'0044-03-15 BC'", "'5874897-12-31'", "'infinity'", "'-infinity'"], AS_TEXT],
  [
    'timestamp',
    { kind: 'datetime' },
    ["'2025-09-09 19:28:43'", "'2025-09-09 19:28:43.5'", "'2025-09-09 19:28:43.000001'", "'0001-01-01'"],
    MICROS,
  ],
  ['timestamp(3)', { kind: 'datetime' }, ["'2025-09-09 19:28:43.4846'", "'9999-12-31 23:59:59.999'"], MICROS],
  ['timestamp', { kind: 'datetime' }, ["'294276-12-31 23:59:59.999999'", "'10000-01-01'"], MICROS],
  ['timestamp', { kind: 'datetime' }, ["'0044-03-15 12:00:00.5 BC'", "'4714-11-24 00:00:00 BC'"], MICROS_BC],
  ['timestamp', { kind: 'datetime' }, ["'infinity'", "'-infinity'"], AS_TEXT],
  ['timestamptz', { kind: 'timestamptz' }, ["'2025-09-09 19:28:43.4846+08'", "'1900-01-01 00:00:00 Asia/Shanghai'"], MICROS],
  ['timestamptz', { kind: 'timestamptz' }, ["'0044-03-15 12:00:00.5+00 BC'"], MICROS_BC],
  ['timestamptz', { kind: 'timestamptz' }, ["'infinity'", "'-infinity'"], AS_TEXT],
  ['time', { kind: 'time' }, ["'19:28:43.5'", "'00:00:00'", "'23:59:59.999999'"], "to_json(to_char(v, 'HH24:MI:SS.US'))"],
  ['time(0)', { kind: 'time' }, ["'24:00:00'"], "to_json(v::text || '.000000')"],
  ['timetz', { kind: 'other' }, ["'19:28:43.5+08'"], AS_TEXT],
  ['interval', { kind: 'interval' }, ["'1 year 2 mons 3 days 04:05:06.789'", "'0'", "'-1 day'"], AS_TEXT],
  ['bytea', { kind: 'bytes' }, ["''", "'\\x00'", "'\\x00ff'", "'\\x00ff10'"], "to_json(encode(v, 'base64'))"],
  ['bit(8)', { kind: 'bit', length: 8 }, ["'00000101'", "'11111111'"], 'to_json(v::int)'],
  ['bit(64)', { kind: 'bit', length: 64 }, ["X'7fffffffffffffff'", "X'0000000000000001'", "X'0000000100000000'"], 'to_json(v::bigint)'],
  ['bit(65)', { kind: 'bit', length: 65 }, ["B'01'"], AS_TEXT],
  ['varbit', { kind: 'other' }, ["''", "'0101'"], AS_TEXT],
  ['uuid', { kind: 'uuid' }, ["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"], 'to_json(v)'],
  ['json', { kind: 'json' }, [`'{"b":1, "a" : [1,2.50,1e3] ,"b":2}'`, "'null'", String.raw`E'{\n}'`, `'"😁"'`], 'v::json'],
  ['jsonb', { kind: 'json' }, [`'{"b":1, "a" : [1,2.50,1e3] ,"b":2}'`, "'null'"], 'v::json'],
  ['integer[]', arrayOf('int'), ["'{}'", "'{1,NULL,3}'", "'[0:1]={1,2}'", "'{{1,2},{3,4}}'", "'[-1:0][5:5]={{1},{2}}'"], 'to_json(v)'],
  ['boolean[]', arrayOf('bool'), ["'{t,f,NULL}'"], 'to_json(v)'],
  ['numeric[]', arrayOf('decimal'), ["'{1.50,-0.00,123456789012345678901234567890}'"], 'to_json(v)'],
  ['jsonb[]', arrayOf('json'), [`array['{"a": "b\\"c"}', 'null', null]`], 'to_json(v)'],
  ['box[]', arrayOf('other', -1, ';'), ["array[box '(1,1),(0,0)', box '(2,2),(1,1)']"], 'to_json(v)'],
  ['int4range', { kind: 'other' }, ["'[1,10]'", "'empty'", "'(,5)'"], AS_TEXT],
];

/** Digits and escapes count, blanks between elements do not: the server puts line ends and blanks into arrays of arrays. */
const withoutBlanks = (json: string) => json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, quoted: string | undefined) => quoted ?? '');

for (const version of ['15', '18'] as const) {
  describe(`PostgreSQL ${version}`, { skip: skipUnless(`postgres-${version}`) }, () => {
    let server: PostgresServer;
    let client: pg.Client;

    before(async () => {
      server = await startPostgres({ version });
      client = await server.client();
      await client.query(SESSION);
    });
    after(async () => {
      await client.end();
      await server.destroy();
    });

    /** Rows of texts, as the types' output functions write them. */
    const texts = async (text: string, values: unknown[] = []): Promise<(string | null)[][]> => {
      const types = { getTypeParser: () => (value: string) => value };
      return (await client.query<(string | null)[]>({ text, values, rowMode: 'array', types })).rows;
    };

    for (const [type, column, values, expected] of CASES) {
      test(`${type}: ${values.join(', ')}`, async () => {
        const list = values.map((value) => `((${value})::${type})`).join(', ');
        const rows = await texts(`SELECT v, ${expected} FROM (VALUES ${list}) t(v)`);
        assert.equal(rows.length, values.length);
        for (const [text, json] of rows) assert.equal(withoutBlanks(jsonOf(column, text!)), withoutBlanks(json!), text!);
      });
    }

    test('any array of texts is what array_to_json makes of it', async () => {
      const character = fc.oneof(
        fc.constantFrom('a', ',', '{', '}', '"', '\\', ' ', '\t', '\n', "'", 'N', 'U', 'L', ';', 'é', '日', '😁'),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
      );
      const element = fc.oneof(
        { weight: 5, arbitrary: fc.array(character, { maxLength: 8 }).map((parts) => parts.join('').replaceAll('\0', '')) },
        { weight: 1, arbitrary: fc.constantFrom('NULL', 'null', '') },
        { weight: 1, arbitrary: fc.constant(null) },
      );
      const line = fc.array(element, { maxLength: 6 });
      const table = fc
        .integer({ min: 1, max: 4 })
        .chain((width) => fc.array(fc.array(element, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 4 }));
      await fc.assert(
        fc.asyncProperty(fc.oneof(line, table), async (array) => {
          const [[text, json] = []] = await texts('SELECT $1::text[], array_to_json($1::text[])', [array]);
          assert.deepEqual(JSON.parse(jsonOf(arrayOf('text'), text!)), JSON.parse(json!));
          assert.deepEqual(JSON.parse(json!), array);
        }),
        { numRuns: 300 },
      );
    });

    test('any bytes are what encode() makes of them, in both output forms', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) => {
          for (const form of ['escape', 'hex']) {
            await client.query(`SET bytea_output = '${form}'`);
            const [[text] = []] = await texts('SELECT $1::bytea', [Buffer.from(bytes)]);
            assert.equal(jsonOf({ kind: 'bytes' }, text!), JSON.stringify(Buffer.from(bytes).toString('base64')));
          }
        }),
        { numRuns: 100 },
      );
    });
  });
}
