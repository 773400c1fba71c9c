import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  databaseWarnings,
  judgeServerId,
  judgeSettings,
  judgeVersion,
  settingsWarnings,
} from '../../../../engine/source/mysql/server-judgement.ts';
import { identity } from './identities.ts';

const codes = (problems: readonly { code: string }[]) => problems.map(({ code }) => code);

test('versions: MariaDB from 10.6 on, MySQL from 8.0 on', () => {
  assert.deepEqual(judgeVersion(identity({ versionNumber: 1006 })), []);
  assert.deepEqual(judgeVersion(identity({ versionNumber: 1203 })), []);
  assert.deepEqual(judgeVersion(identity({ flavor: 'mysql', versionNumber: 800 })), []);
  assert.deepEqual(codes(judgeVersion(identity({ versionNumber: 1005 }))), ['SERVER_VERSION']);
  assert.deepEqual(codes(judgeVersion(identity({ flavor: 'mysql', versionNumber: 507 }))), ['SERVER_VERSION']);
});

test('settings: each with the statement that mends it', () => {
  assert.deepEqual(judgeSettings(identity()), []);
  for (const rowImage of ['MINIMAL', 'NOBLOB', 'FULL_NODUP']) assert.deepEqual(judgeSettings(identity({ rowImage })), []);
  assert.deepEqual(codes(judgeSettings(identity({ hasBinlog: false, binlogFormat: 'STATEMENT' }))), ['BINLOG_OFF']);
  const [format, metadata] = judgeSettings(identity({ binlogFormat: 'MIXED', rowMetadata: 'NO_LOG' }));
  assert.deepEqual(codes([format!, metadata!]), ['BINLOG_FORMAT', 'BINLOG_ROW_METADATA']);
  assert.equal(format!.remedies[0]!.text, "SET GLOBAL binlog_format = 'ROW';");
  assert.equal(metadata!.remedies[0]!.text, "SET GLOBAL binlog_row_metadata = 'FULL';");
});

test('what rows can be exported without is warned of', () => {
  const subjects = (given: Parameters<typeof identity>[0]) => settingsWarnings(identity(given)).map(({ about }) => about);
  assert.deepEqual(subjects({}), []);
  assert.deepEqual(subjects({ rowImage: 'FULL_NODUP' }), []);
  assert.deepEqual(subjects({ rowImage: 'MINIMAL', checksum: 'NONE' }), ['binlog_row_image', 'binlog_checksum']);
  assert.deepEqual(subjects({ flavor: 'mysql', gtidMode: 'OFF', rowImage: 'NOBLOB' }), ['binlog_row_image', 'gtid_mode']);
  assert.deepEqual(subjects({ hasBinlog: false, rowImage: 'MINIMAL' }), []);
  assert.deepEqual(subjects({ flavor: 'mysql', gtidMode: 'ON', rowValueOptions: 'PARTIAL_JSON' }), ['binlog_row_value_options']);
});

test('replicated changes that are not logged are warned of where there are any', () => {
  const subjects = (given: Parameters<typeof identity>[0]) =>
    settingsWarnings(identity({ logsReplicated: false, ...given })).map(({ about }) => about);
  assert.deepEqual(subjects({}), [], 'off is the default of MariaDB');
  assert.deepEqual(subjects({ hasReplicated: true }), ['log_replica_updates']);
  assert.deepEqual(subjects({ hasReplicated: true, logsReplicated: true }), []);
  assert.deepEqual(subjects({ flavor: 'mysql', gtidMode: 'ON' }), ['log_replica_updates']);
});

test('databases that are not logged are warned of where a table of them is selected', () => {
  const tables = ['shop', 'shop', 'crm'].map((database, index) => ({ database, table: `t${index}`, kind: 'table' as const }));
  const lost = (onlyDatabases: string[], withoutDatabases: string[]) => {
    const end = { file: 'a.000001', offset: 4, executed: '', onlyDatabases, withoutDatabases };
    return databaseWarnings(end, tables).map(({ message }) => /tables of (.*) are not in the log/.exec(message)?.[1]);
  };
  assert.deepEqual(lost([], []), []);
  assert.deepEqual(lost([], ['other']), []);
  assert.deepEqual(lost([], ['shop', 'crm']), ['shop, crm']);
  // As the server decides: a list of what is logged says all.
  assert.deepEqual(lost(['shop'], ['shop']), ['crm']);
});

test('server_id: not the server itself, and no replica that is there', () => {
  const replicas = new Map([[99, 'db2']]);
  assert.deepEqual(judgeServerId(identity(), 5, replicas), []);
  assert.deepEqual(judgeServerId(identity(), 99, null), [], 'not every account may see replicas');
  assert.deepEqual(codes(judgeServerId(identity(), 7, replicas)), ['SERVER_ID_TAKEN']);
  const [taken] = judgeServerId(identity(), 99, replicas);
  assert.match(taken!.message, /^The replica db2 is connected with the server_id 99/);
});
