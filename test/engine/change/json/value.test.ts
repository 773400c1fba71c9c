import assert from 'node:assert/strict';
import { PLAIN_VALUES } from '../../../../engine/change/json/plan.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { arrayOf, jsonOf } from '../../../support/json-value.ts';
import { projectRoot } from '../../../support/paths.ts';
import type { TestColumn } from '../../../support/rows.ts';

type Column = Omit<TestColumn, 'name'>;

/** How the types of the vectors are mapped; all others are text. */
const COLUMNS: Readonly<Record<string, Column>> = {
  boolean: { kind: 'bool' },
  smallint: { kind: 'int' },
  integer: { kind: 'int' },
  bigint: { kind: 'int' },
  posint: { kind: 'int' },
  oid: { kind: 'uint' },
  real: { kind: 'float32' },
  'double precision': { kind: 'float64' },
  numeric: { kind: 'decimal' },
  'numeric(160,60)': { kind: 'decimal' },
  bytea: { kind: 'bytes' },
  date: { kind: 'date' },
  'timestamp without time zone': { kind: 'datetime' },
  'timestamp(3) without time zone': { kind: 'datetime' },
  'timestamp with time zone': { kind: 'timestamptz' },
  'time without time zone': { kind: 'time' },
  interval: { kind: 'interval' },
  uuid: { kind: 'uuid' },
  json: { kind: 'json' },
  jsonb: { kind: 'json' },
  'integer[]': arrayOf('int'),
  'text[]': arrayOf('text'),
  'boolean[]': arrayOf('bool'),
  'bit(8)': { kind: 'bit', length: 8 },
  'bit varying': { kind: 'bit', length: -1 },
  hstore: { kind: 'map' },
  mood: { kind: 'enum' },
};

/** What does not come out as its text, or its text in quotes. */
const CHANGED: Readonly<Record<string, string>> = {
  t: 'true',
  f: 'false',
  NaN: '"NaN"',
  Infinity: '"Infinity"',
  '-Infinity': '"-Infinity"',
  '\\x00ff10': '"AP8Q"',
  '2025-09-09 19:28:43.4846': '"2025-09-09 19:28:43.484600"',
  '2025-09-09 19:28:43.485': '"2025-09-09 19:28:43.485000"',
  '0044-03-15 12:00:00 BC': '"0044-03-15 12:00:00.000000 BC"',
  '2025-09-09 11:28:43.4846+00': '"2025-09-09 11:28:43.484600"',
  '19:28:43.5': '"19:28:43.500000"',
  '24:00:00': '"24:00:00.000000"',
  '{1,NULL,3}': '[1,null,3]',
  '{a,"b,c","d\\"e","","NULL",NULL,"x y","\\\\"}': '["a","b,c","d\\"e","","NULL",null,"x y","\\\\"]',
  '{{1,2},{3,4}}': '[[1,2],[3,4]]',
  '[0:1]={1,2}': '[1,2]',
  '{}': '[]',
  '{t,f}': '[true,false]',
  '00000101': '5',
  '"a"=>"1", "b"=>NULL, "c d"=>"x\\"y"': '{"a":"1","b":null,"c d":"x\\"y"}',
  '(1,"x y",2.50)': '"(1,\\"x y\\",2.50)"',
  '$."a"': '"$.\\"a\\""',
};

const VERBATIM: readonly TestColumn['kind'][] = ['int', 'uint', 'float32', 'float64', 'decimal', 'json'];

test('every value of the recorded PostgreSQL 15 wire texts has the output that the type table states', () => {
  const lines = readFileSync(join(projectRoot, 'test/vectors/maxwell/pg15-pgoutput-text.tsv'), 'utf8').trimEnd().split('\n').slice(1);
  assert.equal(lines.length, 73);
  const used = new Set<string>();
  for (const line of lines) {
    const tab = line.indexOf('\t');
    const column = COLUMNS[line.slice(0, tab)] ?? { kind: 'text' };
    const text = line.slice(tab + 1);
    const changed = column.kind === 'text' || column.kind === 'interval' ? undefined : CHANGED[text];
    const special = changed ?? (column.kind === 'text' && text.includes('"') ? CHANGED[text] : undefined);
    const expected = special ?? (VERBATIM.includes(column.kind) ? text : `"${text}"`);
    if (special !== undefined) used.add(text);
    assert.equal(jsonOf(column, text), expected, line);
  }
  assert.deepEqual([...used].sort(), Object.keys(CHANGED).sort(), 'every exception was met');
});

test('kv-json has the same outputs, but for decimals', () => {
  const lines = readFileSync(join(projectRoot, 'test/vectors/maxwell/pg15-pgoutput-text.tsv'), 'utf8').trimEnd().split('\n').slice(1);
  const style = { ...PLAIN_VALUES, shortDecimals: true };
  const differing = lines.flatMap((line) => {
    const tab = line.indexOf('\t');
    const column = COLUMNS[line.slice(0, tab)] ?? { kind: 'text' };
    const text = line.slice(tab + 1);
    const written = jsonOf(column, text, style);
    return written === jsonOf(column, text) ? [] : [`${line.slice(0, tab)} ${written}`];
  });
  assert.deepEqual(differing, ['numeric 1.5', 'numeric(160,60) 0']);
});
