import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BinlogBinding } from '../../../../engine/change/source-binding.ts';
import { judgePosition, type LogFacts } from '../../../../engine/source/mysql/start-position.ts';
import type { LogPosition } from '../../../../engine/source/mysql/trail.ts';
import { identity } from './identities.ts';

const UUID = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const FILES = [
  { name: 'bin.000005', bytes: 1000 },
  { name: 'bin.000006', bytes: 500 },
];
const MARIADB: LogPosition = { flavor: 'mariadb', gtid: '0-7-10,1-7-3', file: 'bin.000006', offset: 400 };
const MYSQL: LogPosition = { flavor: 'mysql', gtid: `${UUID}:1-10`, file: 'bin.000006', offset: 400 };
const OF_MARIADB: BinlogBinding = { kind: 'binlog', flavor: 'mariadb', serverUuid: null, serverId: 7 };
const OF_MYSQL: BinlogBinding = { kind: 'binlog', flavor: 'mysql', serverUuid: UUID, serverId: 7 };

function mariadb(position: Partial<LogPosition>, facts: Partial<LogFacts> & { gtidState?: string } = {}, origin = OF_MARIADB): string[] {
  const { gtidState = '0-7-12,1-7-3', ...rest } = facts;
  const server = identity({ gtidState });
  return judgePosition({ ...MARIADB, ...position }, origin, { server, files: FILES, gtidsAtPlace: '0-7-10,1-7-3', ...rest }).map(
    ({ code }) => code,
  );
}

function mysql(position: Partial<LogPosition>, given: Parameters<typeof identity>[0] = {}, origin = OF_MYSQL): string[] {
  const server = identity({
    flavor: 'mysql',
    serverUuid: UUID,
    gtidMode: 'ON',
    gtidState: `${UUID}:1-12`,
    gtidPurged: `${UUID}:1-4`,
    ...given,
  });
  return judgePosition({ ...MYSQL, ...position }, origin, { server, files: FILES, gtidsAtPlace: undefined }).map(({ code }) => code);
}

test('a position that the server has', () => {
  assert.deepEqual(mariadb({}), []);
  assert.deepEqual(mariadb({ file: '', offset: 0 }, { gtidsAtPlace: undefined }), []);
  assert.deepEqual(mysql({}), []);
});

test('MariaDB: what it never wrote, of any domain, and by whichever server', () => {
  assert.deepEqual(mariadb({ gtid: '0-7-13,1-7-3' }), ['GTID_UNKNOWN'], 'the server would wait without a word');
  assert.deepEqual(mariadb({ gtid: '0-7-10,9-1-5' }), ['GTID_UNKNOWN'], 'a domain that it does not have');
  assert.deepEqual(
    mariadb({ gtid: '0-8-11' }, { gtidState: '0-8-9,0-7-12', gtidsAtPlace: '0-7-9' }),
    [],
    'numbers grow over all servers of a domain',
  );
  assert.deepEqual(mariadb({}, { gtidState: '' }), ['GTID_UNKNOWN'], 'after RESET MASTER');
});

test('MariaDB: numbers that began anew and have come by those of the position again', () => {
  assert.deepEqual(mariadb({}, { gtidsAtPlace: null }), ['BINLOG_RESET'], 'nothing ends there');
  assert.deepEqual(mariadb({}, { gtidsAtPlace: '0-7-11,1-7-3' }), ['BINLOG_RESET'], 'the server is further there than we were');
  assert.deepEqual(mariadb({}, { gtidsAtPlace: '0-7-9' }), [], 'a domain may have been ahead of its place');
  assert.deepEqual(mariadb({ offset: 501 }), ['BINLOG_RESET'], 'the file is shorter than what was read of it');
  assert.deepEqual(mariadb({ file: 'bin.000007' }), ['BINLOG_RESET'], 'the file is yet to come');
  assert.deepEqual(mariadb({ file: 'bin.000004' }, { gtidsAtPlace: undefined }), [], 'purged, which by GTID may do no harm');
  const elsewhere = { ...OF_MARIADB, serverId: 8 };
  assert.deepEqual(mariadb({ file: 'bin.000099' }, {}, elsewhere), [], 'another server of the replication has other files');
});

test('MySQL: sets against what was executed and what was purged', () => {
  assert.deepEqual(mysql({ gtid: `${UUID}:1-13` }), ['GTID_UNKNOWN']);
  assert.deepEqual(mysql({ gtid: `${UUID}:1-3` }), ['BINLOG_PURGED']);
  assert.deepEqual(mysql({ gtid: `${UUID}:1-4` }), [], 'the edge of what is left');
  assert.deepEqual(mysql({}, { gtidMode: 'OFF' }), ['GTID_MODE']);
  assert.deepEqual(mysql({}, { serverUuid: 'other' }), [], 'GTIDs go with the data, not with the server');
});

test('without GTIDs a position is one of one server and its files', () => {
  const place = { gtid: '' };
  assert.deepEqual(mysql(place), []);
  assert.deepEqual(mysql(place, { serverUuid: 'other' }), ['SYSTEM_CHANGED']);
  assert.deepEqual(mysql({ ...place, offset: 501 }), ['POSITION_BEYOND_END']);
  assert.deepEqual(mysql({ ...place, file: 'bin.000004' }), ['BINLOG_PURGED']);
  assert.deepEqual(mysql({ ...place, file: 'bin.000007' }), ['BINLOG_RESET']);
  assert.deepEqual(mysql(place, { flavor: 'mariadb' }), ['SYSTEM_CHANGED']);
  assert.deepEqual(mysql(place, { serverUuid: 'other' }, { ...OF_MYSQL, serverUuid: null }), [], 'after a reset any server will do');
});
