import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { TableSchema } from '../../engine/change/table-schema.ts';
import { namerOf } from '../../engine/encode/names.ts';
import type { AmbiguousTypes, Meaning } from '../../engine/source/mysql/binlog/ambiguity.ts';
import { configOf } from '../engine/control/config/support.ts';
import { messagesOf } from '../support/binlog-messages.ts';
import { LOG_FILE, MAXWELL_FIXTURES, MAXWELL_RUNS, type MaxwellRun } from '../support/maxwell-runs.ts';
import { projectRoot } from '../support/paths.ts';
import { Comparison, ORDER, UNIQUE_KEY } from './maxwell-comparison.ts';
import { goldenColumns, VALUE_DIFFERENCES, type GoldenColumn } from './maxwell-differences.ts';

/*
 * Maxwell's own messages of logs that have every type and every kind of change: test/fixtures/maxwell/README.md. Ours of the same logs are
 * the same, line for line, but for what docs/consumers.md says.
 */
const UNIQUE_KEYS = ['shop.counted'];
type Flavor = 'mariadb' | 'mysql';

const met = new Set<string>();

for (const flavor of ['mariadb', 'mysql'] as const) {
  const log = fixture(`${flavor}.binlog.gz`);
  for (const run of MAXWELL_RUNS.filter(({ flavors }) => flavors.includes(flavor))) {
    for (const isNative of [true, false]) {
      test(`${flavor}: messages are as Maxwell's, ${run.name}${isNative ? '' : ', without native code'}`, () => {
        const theirs = fixture(`${flavor}-${run.name}.jsonl.gz`).toString().trimEnd().split('\n');
        const { messages, tables, naming } = ours(flavor, run, log, isNative);
        const comparison = new Comparison({ columnsOf: columnsIn(tables, naming), nameOf: naming, uniqueKeys: UNIQUE_KEYS });
        for (const [i, line] of theirs.entries()) {
          if (!comparison.areAlike(messages[i]!, line)) assert.equal(messages[i], line, `line ${i + 1}`);
        }
        assert.equal(messages.length, theirs.length);
        for (const difference of comparison.met.keys()) met.add(difference);
      });
    }
  }
}

test('every difference is there, and is documented', () => {
  const differences = [...VALUE_DIFFERENCES.map(({ documented }) => documented), ORDER, UNIQUE_KEY];
  assert.deepEqual([...met].toSorted(), differences.toSorted());
  const page = readFileSync(join(projectRoot, 'docs/consumers.md'), 'utf8');
  for (const difference of differences) assert.ok(page.includes(`| ${difference} |`), difference);
});

function fixture(name: string): Buffer {
  return gunzipSync(readFileSync(join(MAXWELL_FIXTURES, name)));
}

function ours(flavor: Flavor, run: MaxwellRun, log: Uint8Array, isNative: boolean) {
  const env = Object.fromEntries(Object.entries(run.options).map(([name, value]) => [`MILLRACE_${name.toUpperCase()}`, value]));
  const { format } = configOf({ MILLRACE_SOURCE_URL: `${flavor}://u:p@db/shop`, ...env });
  assert.equal(format.format, 'maxwell');
  const isSelected = (database: string) => run.databases.includes(database);
  const parser = { flavor, isSelected, ...(flavor === 'mariadb' ? { ambiguous: recordedMeanings() } : {}) };
  return { ...messagesOf(log, { file: LOG_FILE, format, isNative, parser }), naming: namerOf(format.naming) };
}

/** What the catalogue said of columns that the log leaves open. */
function recordedMeanings(): AmbiguousTypes {
  const recorded = JSON.parse(fixture('mariadb.meanings.json.gz').toString()) as Record<string, Record<string, Meaning>>;
  return {
    meaningsOf: ({ database, table }) => new Map(Object.entries(recorded[`${database}.${table}`] ?? {})),
    noteStatement: () => undefined,
  };
}

/** Columns of all versions of a table: what a column's name is for does not change in these logs. */
function columnsIn(tables: readonly TableSchema[], naming: (name: string) => string) {
  const columns = new Map<string, Map<string, GoldenColumn>>();
  for (const table of tables) {
    const name = `${table.database}.${table.table}`;
    const known = columns.get(name) ?? new Map<string, GoldenColumn>();
    for (const [column, golden] of goldenColumns(table)) known.set(naming(column), golden);
    columns.set(name, known);
  }
  return (table: string): ReadonlyMap<string, GoldenColumn> => columns.get(table)!;
}
