import assert from 'node:assert/strict';
import test, { after, before, describe } from 'node:test';
import { jsonElements, jsonMembers } from '../support/json-members.ts';
import { ALL_VERSIONS } from '../support/postgres-install.ts';
import { skipUnless } from '../support/skip.ts';
import { Servers, type Feed } from './servers.ts';
import { toldError } from './stage.ts';
import { delimiterOf, samplesOf, TYPE_SAMPLES, WITHOUT_ARRAYS, type TypeSample } from './type-samples.ts';

/** Types that a column can have, without true arrays, which are tested beside their elements. */
const COLUMN_TYPES = `
  SELECT typname AS name, typarray::int AS array FROM pg_type t
   WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype IN ('b', 'r', 'm')
  AND NOT EXISTS (SELECT 1 FROM pg_type e WHERE e.typarray = t.oid)`;
const PSEUDO_TYPES = `SELECT typname AS name FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype = 'p'`;
/** What the engine's own session pins, so that the same texts are compared. */
const SESSION = `SET TimeZone = 'UTC'; SET DateStyle = 'ISO, MDY'; SET IntervalStyle = 'postgres'; SET bytea_output = 'hex'; SET extra_float_digits = 1;`;
/**
 * Of a value by its type's output function, null for NULL but not for a row of NULLs: a cast would write `192.168.0.1/32` and drop the
 * blanks of a character(5).
 */
const OUTPUT = (value: string) => `CASE WHEN ${value} IS NOT DISTINCT FROM NULL THEN NULL ELSE format('%s', ${value}) END`;

const asString = (text: string) => JSON.stringify(text);
const asNumber = (text: string) => (/[NI]/.test(text) ? asString(text) : text);
const inMicros = (text: string) =>
  text.replace(/(:\d\d)(?:\.(\d+))?(?= BC|$)/, (_, seconds: string, digits = '') => `${seconds}.${digits.padEnd(6, '0')}`);

/** Of an hstore; a string in it is escaped as one of JSON, as long as nothing but quotes and backslashes is. */
const ENTRY = /"((?:[^"\\]|\\.)*)"=>(?:"((?:[^"\\]|\\.)*)"|NULL)/g;

/** How JSON shows a type's text, by docs/types-postgres.md; any other type is a string of its text. */
const FORMS: Readonly<Record<string, (text: string) => string>> = {
  ...Object.fromEntries(
    ['int2', 'int4', 'int8', 'oid', 'xid', 'cid', 'xid8', 'float4', 'float8', 'numeric'].map((name) => [name, asNumber]),
  ),
  positive: asNumber,
  price: asNumber,
  bool: (text) => (text === 't' ? 'true' : 'false'),
  bytea: (text) => asString(Buffer.from(text.slice(2), 'hex').toString('base64')),
  json: (text) => text,
  jsonb: (text) => text,
  time: (text) => asString(inMicros(text)),
  timestamp: (text) => asString(inMicros(text)),
  timestamptz: (text) => asString(inMicros(text.replace('+00', ''))),
  moment: (text) => asString(inMicros(text.replace('+00', ''))),
  bit: (text) => (text.length <= 64 ? BigInt(`0b${text}`).toString() : asString(text)),
  tags: () => '["a","b,c",null]',
  payload: (text) => text,
  hstore: (text) =>
    `{${[...text.matchAll(ENTRY)].map(([, key, value]) => `"${key}":${value === undefined ? null : `"${value}"`}`).join(',')}}`,
};

const FORMATS = ['maxwell', 'kv-json'] as const;
type Format = (typeof FORMATS)[number];

/** Decimals, which kv-json writes without the zeros at the end of their fraction. */
const DECIMALS: readonly string[] = ['numeric', 'price'];
const shortened = (text: string) => text.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');

function assertJson(format: Format, name: string, written: string, text: string | null): void {
  const shown = format === 'kv-json' && DECIMALS.includes(name) && text !== null ? shortened(text) : text;
  const expected = shown === null ? 'null' : (FORMS[name] ?? asString)(shown);
  if (!expected.startsWith('"')) return assert.equal(written, expected);
  assert.ok(written.startsWith('"'), `${written} is a string`);
  assert.equal(JSON.parse(written), JSON.parse(expected));
}

const tableOf = (index: number) => `v${index}`;
/** Ids of one table. */
const IDS = 1_000;

function createTable([name, declaration]: TypeSample, index: number): string {
  const table = tableOf(index);
  // By its id a row shows its table, which a message of kv-json does not name.
  const first = (index + 1) * IDS;
  return `
    CREATE TABLE ${table} (id serial PRIMARY KEY, v ${declaration} ${WITHOUT_ARRAYS.has(name) ? '' : `, a ${declaration}[]`});
    ALTER SEQUENCE ${table}_id_seq RESTART WITH ${first};`;
}

const rowsOf = ([name, , values]: TypeSample) => values.length + (WITHOUT_ARRAYS.has(name) ? 0 : 1);

/** The rows hold a value each, the last one an array of them all. */
function script(sample: TypeSample, index: number): string {
  const [, declaration, values] = sample;
  const table = tableOf(index);
  const list = values.map((value) => `((${value})::${declaration})`).join(', ');
  const insert = `INSERT INTO ${table} (v) VALUES ${list};`;
  if (WITHOUT_ARRAYS.has(sample[0])) return insert;
  // By its text form, since ARRAY[...] takes what looks like an array, as int2vector does, for a further dimension.
  const item = String.raw`'"' || regexp_replace(format('%s', v), '(["\\])', '\\\1', 'g') || '"'`;
  const text = `concat('{', string_agg(${item}, '${delimiterOf(sample)}' ORDER BY id) FILTER (WHERE v IS NOT NULL) || '${delimiterOf(sample)}', 'NULL}')`;
  return `${insert} INSERT INTO ${table} (a) SELECT ${text}::${sample[1]}[] FROM ${table};`;
}

const RUNS = ALL_VERSIONS.flatMap((version) => FORMATS.map((format) => ({ version, format })));

for (const { version, format } of RUNS) {
  const { samples, types: madeTypes } = samplesOf(version);
  const skip = skipUnless('kafka', 'kcat', `postgres-${version}`, ...(version === '15' ? (['postgis'] as const) : []));
  describe(`every type of PostgreSQL ${version} in ${format}`, { skip }, () => {
    let servers: Servers;
    let feed: Feed;
    /** Raw JSON of a row's columns by id. */
    const written = new Map<string, Map<string, string>>();

    before(async () => {
      servers = await Servers.start({ version });
      feed = await servers.feed(
        { after },
        {
          schema: madeTypes + samples.map(createTable).join('\n'),
          options: { TABLES: '*.*, !statistics_of', FORMAT: format },
        },
      );
      await feed.engine.start();
      await feed.query(SESSION + samples.map(script).join('\n'));
      await feed.untilCount(samples.reduce((sum, sample) => sum + rowsOf(sample), 0));
      await feed.engine.stop();
      for (const { value } of await feed.records()) {
        const message = jsonMembers(value!.toString());
        const data = format === 'maxwell' ? jsonMembers(message.get('data')!) : message;
        written.set(data.get('id')!, data);
      }
    });
    after(() => servers.destroy());

    test('every type that a column can have has a sample', async () => {
      const types = await feed.query<{ name: string; array: number }>(COLUMN_TYPES);
      const known = new Set<string>(TYPE_SAMPLES.map(([name]) => name));
      assert.deepEqual(
        types.filter(({ name }) => !known.has(name)).map(({ name }) => name),
        [],
      );
      assert.deepEqual(new Set(types.filter(({ array }) => array === 0).map(({ name }) => name)), WITHOUT_ARRAYS);
      assert.ok(types.length > 75);
    });

    test('no column can have a pseudo type', async () => {
      const names = (await feed.query<{ name: string }>(PSEUDO_TYPES)).map(({ name }) => name);
      for (const name of names) {
        await assert.rejects(
          feed.query(`CREATE TABLE pseudo (v pg_catalog."${name}")`),
          { code: '42P16' },
          `${name} has become a type of columns: give it a sample`,
        );
      }
    });

    for (const [index, sample] of samples.entries()) {
      const [name, declaration] = sample;
      test(`${declaration}, and arrays of it`, async () => {
        const elements = WITHOUT_ARRAYS.has(name) ? 'NULL::text[]' : `(SELECT array_agg(${OUTPUT('e')}) FROM (SELECT unnest(a) AS e) u)`;
        const select = `SELECT id::text, ${OUTPUT('v')} AS value, ${elements} AS elements FROM ${tableOf(index)} ORDER BY id`;
        const rows = await feed.query<{ id: string; value: string | null; elements: (string | null)[] | null }>(SESSION + select);
        assert.equal(rows.length, rowsOf(sample));
        for (const { id, value, elements: texts } of rows) {
          const data = written.get(id)!;
          assertJson(format, name, data.get('v')!, value);
          if (texts === null) {
            assert.equal(data.get('a') ?? 'null', 'null');
            continue;
          }
          const items = jsonElements(data.get('a')!);
          assert.equal(items.length, texts.length);
          // The inner arrays of an array of such a domain stay text.
          items.forEach((item, i) => assertJson(format, name === 'tags' ? 'text' : name, item, texts[i]!));
        }
      });
    }
  });
}

describe('character sets', { skip: skipUnless('kafka', 'kcat', 'postgres-15') }, () => {
  let servers: Servers;
  before(async () => {
    servers = await Servers.start();
  });
  after(() => servers.destroy());

  const SCHEMA = 'CREATE TABLE "tâble" ("größe" text PRIMARY KEY, v text)';
  const inCharacterSet = (name: string) => ({
    schema: SCHEMA,
    database: `ENCODING '${name}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'`,
  });

  for (const name of ['UTF8', 'LATIN1', 'SQL_ASCII']) {
    test(`${name}: names and values are the characters that were meant`, async (t) => {
      const feed = await servers.feed(t, inCharacterSet(name));
      await feed.engine.start();
      await feed.query(`INSERT INTO "tâble" VALUES ('ÿ', 'ça')`);
      await feed.query(`UPDATE "tâble" SET "größe" = 'ß'`);
      await feed.untilCount(2);
      const records = await feed.records();
      assert.deepEqual(records.map(({ key }) => key!.toString()).sort(), ['{"größe":"ÿ"}', '{"größe":"ß"}'].sort());
      const messages = (await feed.messages()).toSorted((a, b) => a.xid - b.xid);
      assert.deepEqual(
        messages.map(({ table, data }) => ({ table, data })),
        [
          { table: 'tâble', data: { größe: 'ÿ', v: 'ça' } },
          { table: 'tâble', data: { größe: 'ß', v: 'ça' } },
        ],
      );
    });
  }

  for (const [what, row] of [
    ['value', String.raw`('later', E'caf\xe9')`],
    ['key', String.raw`(E'caf\xe9', 'later')`],
  ] as const) {
    test(`SQL_ASCII: bytes in a ${what} that are not UTF-8 are a named error; what came before is delivered`, async (t) => {
      const feed = await servers.feed(t, inCharacterSet('SQL_ASCII'));
      await feed.engine.start();
      await feed.query(`INSERT INTO "tâble" VALUES ('first', 'é')`);
      await feed.untilCount(1);
      await feed.query(`INSERT INTO "tâble" VALUES ${row}`);
      await feed.query(`INSERT INTO "tâble" VALUES ('behind', 'it')`);
      assert.equal((await feed.engine.ended(60_000)).code, 1);
      const error = await toldError(feed.engine, 'TEXT_NOT_UTF8');
      assert.match(error, /tâble/);
      assert.match(error, what === 'value' ? /column v\b|"column":"v"/ : /größe/);
      assert.deepEqual(
        (await feed.messages()).map(({ data }) => data['größe']),
        ['first'],
      );
    });
  }
});
