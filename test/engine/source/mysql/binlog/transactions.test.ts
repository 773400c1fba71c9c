import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { EventType } from '../../../../../engine/source/mysql/binlog/event-layout.ts';
import { image, LogWriter, rowsBody } from '../../../../support/binlog-events.ts';
import { opened, read } from '../../../../support/binlog-parsing.ts';
import { BinlogReader, binlogVectors } from '../../../../support/binlog-reader.ts';
import { BinlogSink } from '../../../../support/binlog-sink.ts';
import { tempDir } from '../../../../support/temp.ts';

const TIME = '2026-11-30T12:00:00.000000Z';

test('rolled-back transactions are passed over (bug 23)', () => {
  const { sink, reader } = read(opened().query('ROLLBACK'));
  assert.deepEqual(sink.lines, []);
  assert.deepEqual(reader.gtids, ['0-7-1']);
});

test('rows of tables without transactions come with a COMMIT, and have no xid (bug 23)', () => {
  const { sink } = read(opened().query('COMMIT'));
  assert.equal(sink.lines[0], `begin - ${TIME}`);
  assert.equal(sink.changes.length, 2);
});

test('rows behind a savepoint that was returned to never come out (bug 24)', () => {
  const log = opened()
    .query('SAVEPOINT `One`')
    .rows(EventType.writeRowsV1, rowsBody([image(3, 'c', null)]))
    .query('SAVEPOINT two');
  log.rows(EventType.writeRowsV1, rowsBody([image(4, 'd', null)])).query('ROLLBACK TO `one`');
  log.rows(EventType.writeRowsV1, rowsBody([image(5, 'e', null)])).query('ROLLBACK WORK TO SAVEPOINT one');
  log.rows(EventType.writeRowsV1, rowsBody([image(6, 'f', null)])).xid(1);
  assert.deepEqual(read(log).sink.changes, ['insert test.t new(1,a,null)', 'insert test.t new(2,b,long)', 'insert test.t new(6,f,null)']);
});

test('a savepoint that was not set cannot be returned to', () => {
  assert.throws(() => read(opened().query('ROLLBACK TO `x`')), { code: 'BINLOG_EVENT_INVALID' });
});

test('a large transaction goes through a file, and nothing of that is left (bug 45)', () => {
  const spillDirectory = tempDir();
  const log = new LogWriter().format().gtid(1).tableMap({});
  const rows = Array.from({ length: 400 }, (_, index) => image(index, 'n'.repeat(50), 'x'.repeat(9000)));
  for (const row of rows) log.rows(EventType.writeRowsV1, rowsBody([row]));
  const { sink } = read(log.xid(1), { heldBytesMax: 100_000, spillDirectory });
  assert.deepEqual(
    sink.changes.map((line) => Number(/\((\d+),/.exec(line)![1])),
    rows.map((_, index) => index),
  );
  assert.deepEqual(readdirSync(spillDirectory), []);
});

test('what spilled is cut at a savepoint', () => {
  const log = opened();
  for (let id = 10; id < 30; id++) log.rows(EventType.writeRowsV1, rowsBody([image(id, 'x', 'y'.repeat(200))]));
  log.query('SAVEPOINT s');
  for (let id = 30; id < 90; id++) log.rows(EventType.writeRowsV1, rowsBody([image(id, 'x', 'y'.repeat(200))]));
  log
    .query('ROLLBACK TO s')
    .rows(EventType.writeRowsV1, rowsBody([image(99, 'last', null)]))
    .xid(1);
  for (const heldBytesMax of [500, 3_000, 9_000, 1_000_000]) {
    const { changes } = read(log, { heldBytesMax }).sink;
    assert.equal(changes.length, 2 + 20 + 1, `${heldBytesMax} bytes in memory`);
    assert.equal(changes.at(-1), 'insert test.t new(99,last,null)');
  }
});

test('a directory that cannot be written is a named error', () => {
  assert.throws(() => read(opened().xid(1), { heldBytesMax: 10, spillDirectory: '/dev/null/x' }), /\/dev\/null\/x could not be written/);
});

test('a statement that changes rows of a selected table is an error that names it (bug 26)', () => {
  const statements = [
    'INSERT INTO t VALUES (1)',
    'replace low_priority `T` select 1',
    'UPDATE x JOIN test.t SET a = 1',
    'DELETE FROM t WHERE id = 1',
  ];
  for (const sql of [...statements, 'LOAD DATA INFILE "x" INTO TABLE t', 'CREATE TABLE t SELECT * FROM u']) {
    const log = new LogWriter().format().gtid(1).query(sql);
    const isSelected = (database: string, table: string) => database === 'test' && table === 't';
    assert.throws(() => read(log, { isSelected }), { code: 'BINLOG_STATEMENT_FORMAT', message: /rows of test\.t/i }, sql);
  }
});

test('statements about other tables, definitions and comments are passed over; each such table is warned of once', () => {
  const log = new LogWriter().format();
  const statements = [
    'INSERT INTO u SELECT * FROM t',
    'UPDATE u SET t = 1',
    'UPDATE u SET t = 2',
    'DELETE FROM other.t',
    '/* t */ CREATE TABLE t (id int)',
    'GRANT ALL ON t TO x',
  ];
  for (const [index, sql] of statements.entries()) log.gtid(index, 0x01).query(sql);
  const { sink, reader } = read(log, { isSelected: (database, table) => database === 'test' && table === 't' });
  assert.deepEqual(sink.lines, []);
  assert.equal(reader.parser.transactionCount, statements.length);
  assert.deepEqual(
    reader.infos.map((message) => /rows of (\S+),.*The table is not selected/.exec(message)?.[1]),
    ['test.u', 'other.t'],
  );
});

/** A log of statements on a session's tables, each a transaction of its own. */
function ofSession(...statements: readonly string[]): LogWriter {
  const log = new LogWriter().format();
  for (const [index, sql] of statements.entries())
    log
      .gtid(index + 1)
      .sessionQuery(sql)
      .query('COMMIT');
  return log;
}

test('statements on temporary tables are no changes of tables, whatever their names (bug 26)', () => {
  const made = ['CREATE TEMPORARY TABLE t (id int)', 'INSERT INTO t VALUES (1)', 'ALTER TABLE t ADD a int', 'UPDATE test.t SET a = 1'];
  const renamed = ['ALTER TABLE t RENAME TO u', 'DELETE FROM u', 'TRUNCATE u', 'INSERT INTO other.x SELECT * FROM u'];
  const { sink, reader } = read(ofSession(...made, ...renamed, 'DROP /*!40005 TEMPORARY */ TABLE IF EXISTS `u`'), {
    isSelected: (database) => database === 'test',
  });
  assert.deepEqual(sink.lines, []);
  assert.equal(reader.parser.transactionCount, made.length + renamed.length + 1);
});

test('a table is temporary for its session, until that drops it or the server starts anew, and where the event says so', () => {
  const make = 'CREATE TEMPORARY TABLE t (id int)';
  const write = 'INSERT INTO t VALUES (1)';
  const refused = { code: 'BINLOG_STATEMENT_FORMAT', message: /rows of test\.t.*temporary table, made by that session before/ };
  assert.throws(() => read(ofSession(write)), refused, 'who made it is not known');
  assert.throws(() => read(ofSession(make, 'DROP TEMPORARY TABLE t', write)), refused);
  assert.throws(() => read(ofSession(make, 'ALTER TABLE t RENAME u', write)), refused);
  assert.throws(() => read(ofSession(make).gtid(2).sessionQuery(write, 12)), refused, 'of another session');
  assert.throws(
    () => read(ofSession(make).rotate('binlog.000008', 4).format(undefined, 1_796_040_000).gtid(2).sessionQuery(write)),
    refused,
  );
  assert.throws(() => read(ofSession(make).gtid(2).query(write)), { code: 'BINLOG_STATEMENT_FORMAT' });
  const { sink } = read(ofSession(make).rotate('binlog.000008', 4).format().gtid(2).sessionQuery(write).query('COMMIT'));
  assert.deepEqual(sink.lines, [], 'a file that goes on');
});

test('TRUNCATE of a table that rows came of is told', () => {
  const log = opened().xid(1).gtid(2, 0x29).query('TRUNCATE TABLE t').gtid(3, 0x29).query('truncate other');
  assert.deepEqual(read(log).sink.lines.slice(4), ['truncate test.t']);
});

test('an XA transaction with rows of a selected table is a named error, and passed over without', () => {
  const prepare = Buffer.from([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x78]);
  const rows = new LogWriter()
    .format()
    .gtid(1, 0x4c)
    .tableMap({})
    .rows(EventType.writeRowsV1, rowsBody([image(1, 'a', null)]));
  const log = rows.query("XA END X'78',X'',1").event(EventType.xaPrepare, prepare);
  assert.throws(() => read(log), { code: 'BINLOG_XA_UNSUPPORTED' });
  log.gtid(2, 0x8d).query("XA COMMIT X'78',X'',1");
  assert.deepEqual(read(log, { isSelected: () => false }).reader.gtids, ['0-7-1', '0-7-2']);
});

test('an XA transaction that prepares and commits in one is a commit', () => {
  const log = opened()
    .query("XA END X'78',X'',1")
    .event(EventType.xaPrepare, Buffer.from([1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x78]));
  assert.equal(read(log).sink.changes.length, 2);
});

test("MariaDB 10.11's statements of a selected table are named", () => {
  const bytes = binlogVectors('07-binlog-variants').get('statement_format')!;
  assert.throws(() => new BinlogReader(new BinlogSink()).readFile(bytes), { code: 'BINLOG_STATEMENT_FORMAT', message: /test\.m11/ });
});
