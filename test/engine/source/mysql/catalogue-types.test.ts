import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CatalogueTypes } from '../../../../engine/source/mysql/catalogue-types.ts';
import { Fields } from '../../../../engine/source/mysql/binlog/fields.ts';
import { LogPlace } from '../../../../engine/source/mysql/binlog/log-place.ts';
import { isAmbiguous, RAW_TYPES } from '../../../../engine/source/mysql/binlog/ambiguity.ts';
import { ColumnType } from '../../../../engine/source/mysql/binlog/column-types.ts';
import { parseTableMap, type TableMap } from '../../../../engine/source/mysql/binlog/table-map.ts';
import { readCatalogColumns } from '../../../../engine/source/mysql/catalog.ts';
import { openSession } from '../../../../engine/source/mysql/connection.ts';
import { logReading } from '../../../../engine/source/mysql/log-reading.ts';
import { scanStatements, type LoggedStatement, type Spot } from '../../../../engine/source/mysql/statement-scan.ts';
import { parseConnectionUrl } from '../../../../engine/source/mysql/url.ts';
import { startMariadb } from '../../../support/mariadb.ts';
import { skipUnless } from '../../../support/skip.ts';
import { SEQUENCE_COLUMNS, tableMapBody, type ColumnInput } from '../../../support/binlog-events.ts';

const MAP = mapOf([
  { name: 'id', type: ColumnType.long },
  { name: 'j', type: ColumnType.blob, metadata: [4] },
]);

function mapOf(columns: readonly ColumnInput[], collation = 46): TableMap {
  return parsed(tableMapBody({ columns, optional: [[2, [collation]]] }));
}

function parsed(body: Uint8Array): TableMap {
  return parseTableMap(new Fields(body, 0, body.length, 'a TABLE_MAP event'), 'mariadb');
}

function placeAt(offset: number): LogPlace {
  const place = new LogPlace();
  place.moveTo('b.000001', offset);
  return place;
}

/** A catalogue that says `j` is JSON, as of offset 500, and a log with these definitions between 100 and there. */
function types(
  statements: readonly string[] = [],
  names = ['id', 'j'],
): { types: CatalogueTypes; asked: () => number; ready: () => Promise<void> } {
  let asked = 0;
  let resolve = (): void => undefined;
  const at: Spot = { file: 'b.000001', fileNumber: 1, offset: 500 };
  const made = new CatalogueTypes({
    read: async () => {
      asked += 1;
      return { columns: { names, meanings: new Map([['j', 'json' as const]]), isSequence: false }, at };
    },
    statements: async (): Promise<LoggedStatement[]> => statements.map((sql) => ({ at, sql, database: 'test', isCut: false })),
    onReady: () => resolve(),
  });
  return {
    types: made,
    asked: () => asked,
    ready: async () => {
      await new Promise<void>((done) => {
        resolve = done;
      });
    },
  };
}

test('the log waits for the catalogue, which is asked once', async () => {
  const made = types();
  assert.equal(made.types.meaningsOf(MAP, placeAt(100)), 'pending');
  assert.equal(made.types.meaningsOf(MAP, placeAt(100)), 'pending');
  await made.ready();
  assert.deepEqual(made.types.meaningsOf(MAP, placeAt(100)), new Map([['j', 'json']]));
  assert.equal(made.asked(), 1);
});

test('a definition between the rows and the catalogue makes its word worthless: an error that names table and places', async () => {
  for (const sql of ['ALTER TABLE t MODIFY j longtext', 'RENAME TABLE x TO t, t TO y', 'DROP DATABASE test']) {
    const made = types([sql]);
    made.types.meaningsOf(MAP, placeAt(100));
    await made.ready();
    assert.throws(() => made.types.meaningsOf(MAP, placeAt(100)), {
      code: 'SCHEMA_UNKNOWN',
      message: /test\.t were at b\.000001:100.*b\.000001:500.*raw/s,
    });
  }
});

test('definitions of other tables do not matter', async () => {
  const made = types(['ALTER TABLE other ADD x int']);
  made.types.meaningsOf(MAP, placeAt(100));
  await made.ready();
  made.types.noteStatement('CREATE TABLE u (id int)', 'test', false);
  assert.equal(made.types.meaningsOf(MAP, placeAt(200)) instanceof Map, true);
});

test('a definition that the stream meets makes it ask again', async () => {
  const made = types();
  made.types.meaningsOf(MAP, placeAt(100));
  await made.ready();
  made.types.noteStatement('ALTER TABLE t ADD x int', 'test', false);
  assert.equal(made.types.meaningsOf(MAP, placeAt(200)), 'pending');
  await made.ready();
  assert.equal(made.asked(), 2);
});

test('other columns than the log has are an error: something changed the table without the log', async () => {
  const made = types([], ['id', 'k']);
  made.types.meaningsOf(MAP, placeAt(100));
  await made.ready();
  assert.throws(() => made.types.meaningsOf(MAP, placeAt(100)), { code: 'SCHEMA_UNKNOWN', message: /other columns/ });
});

test('what has the columns of a sequence is one, unless the catalogue has a table of that name', async () => {
  const map = parsed(tableMapBody({ columns: SEQUENCE_COLUMNS, nullable: false, optional: [] }));
  assert.equal(isAmbiguous(map, 'mariadb', false), true);
  const { names } = map.optional;
  for (const [columns, expected] of [
    [null, 'sequence'],
    [{ names: names!, meanings: new Map(), isSequence: true }, 'sequence'],
    [{ names: names!, meanings: new Map(), isSequence: false }, new Map()],
  ] as const) {
    let answered = (): void => undefined;
    const ready = new Promise<void>((resolve) => {
      answered = resolve;
    });
    const at: Spot = { file: 'b.000001', fileNumber: 1, offset: 500 };
    const made = new CatalogueTypes({ read: async () => ({ columns, at }), statements: async () => [], onReady: () => answered() });
    assert.equal(made.meaningsOf(map, placeAt(100)), 'pending');
    await ready;
    assert.deepEqual(made.meaningsOf(map, placeAt(100)), expected);
  }
  assert.equal(RAW_TYPES.meaningsOf(map, placeAt(100)), 'sequence', 'without a catalogue');
});

test('only what MariaDB logs as something else is ambiguous', () => {
  const one = (type: number, metadata: readonly number[], collation = 63): TableMap => mapOf([{ name: 'a', type, metadata }], collation);
  assert.equal(isAmbiguous(MAP, 'mariadb', false), true);
  assert.equal(isAmbiguous(MAP, 'mysql', false), false);
  assert.equal(isAmbiguous(one(ColumnType.blob, [4], 45), 'mariadb', false), false);
  assert.equal(isAmbiguous(one(ColumnType.string, [254, 16]), 'mariadb', false), true);
  assert.equal(isAmbiguous(one(ColumnType.string, [254, 4]), 'mariadb', false), true);
  assert.equal(isAmbiguous(one(ColumnType.string, [254, 8]), 'mariadb', false), false);
  assert.equal(isAmbiguous(one(ColumnType.varchar, [12, 0]), 'mariadb', false), false);
  assert.equal(isAmbiguous(one(ColumnType.varchar, [12, 0]), 'mariadb', true), true);
});

test("MariaDB's catalogue and log tell what columns are, and what was defined since", { skip: skipUnless('mariadb') }, async () => {
  const server = await startMariadb();
  await server.query('CREATE DATABASE d');
  const columns = 'id int PRIMARY KEY, j json, l longtext COLLATE utf8mb4_bin, u uuid, i6 inet6, i4 inet4, b binary(16), `q``r` json';
  await server.query(`SET GLOBAL log_bin_compress = 1; SET GLOBAL log_bin_compress_min_len = 10; CREATE TABLE t (${columns})`, [], 'd');
  await server.query('FLUSH BINARY LOGS; ALTER TABLE t ADD x int; INSERT INTO t (id) VALUES (1); TRUNCATE t', [], 'd');
  const { settings } = parseConnectionUrl(server.url('root', ''));
  const session = await openSession(settings);
  const found = await readCatalogColumns(session, 'd', 't');
  assert.deepEqual(Object.fromEntries(found!.meanings), { j: 'json', u: 'uuid', i6: 'inet6', i4: 'inet4', 'q`r': 'json' });
  assert.deepEqual(found!.names, ['id', 'j', 'l', 'u', 'i6', 'i4', 'b', 'q`r', 'x']);
  assert.equal(await readCatalogColumns(session, 'd', 'nothing'), null);
  await session.close();
  const log = logReading({ settings, flavor: 'mariadb', heartbeatMs: 1000 }, 1_000_000);
  const names = server.binlogs().map((path) => path.split('/').at(-1)!);
  const spot = (index: number, offset: number): Spot => ({ file: names[index]!, fileNumber: index + 1, offset });
  const last = names.length - 1;
  const all = await scanStatements(log, spot(0, 4), spot(last, 1e9), 1_000_000);
  assert.deepEqual(
    all.map(({ sql }) => sql.slice(0, 11)),
    ['CREATE DATA', 'CREATE TABL', 'ALTER TABLE'],
  );
  const since = await scanStatements(log, spot(last, 4), spot(last, 1e9), 1_000_000);
  assert.deepEqual(
    since.map(({ sql, database }) => `${database}: ${sql}`),
    ['d: ALTER TABLE t ADD x int'],
  );
  assert.deepEqual(await scanStatements(log, spot(last, 4), since[0]!.at, 1_000_000), []);
  await server.destroy();
});
