import assert from 'node:assert/strict';
import test from 'node:test';
import { Operation } from '../../engine/change/operation.ts';
import { decodeRow } from '../support/binlog-layout.ts';
import { readBinlogRows, type LoggedRow } from '../support/binlog-rows.ts';
import { startMariadb } from '../support/mariadb.ts';
import { startMysql } from '../support/mysql.ts';
import { isSince, versionOf } from '../support/mysql-version.ts';
import { skipUnless } from '../support/skip.ts';

const SERVERS = [
  { flavor: 'mariadb', start: startMariadb },
  { flavor: 'mysql', start: startMysql },
] as const;

const STATEMENTS = [
  "INSERT INTO t VALUES (1, 'a', 'long', NULL, 7)",
  "UPDATE t SET name = 'b', n = NULL WHERE id = 1",
  "UPDATE t SET note = 'longer', b = x'00ff' WHERE id = 1",
  'DELETE FROM t WHERE id = 1',
];

/**
 * By `binlog_row_image`, of which MariaDB has FULL_NODUP from 11.4 on: the images of those statements. `~` is a column that the log left
 * out, `-` NULL.
 */
const EXPECTED = {
  FULL: ['insert 1,a,long,-,7', 'update 1,a,long,-,7 1,b,long,-,-', 'update 1,b,long,-,- 1,b,longer,x00ff,-', 'delete 1,b,longer,x00ff,-'],
  MINIMAL: ['insert 1,a,long,-,7', 'update 1,~,~,~,~ ~,b,~,~,-', 'update 1,~,~,~,~ ~,~,longer,x00ff,~', 'delete 1,~,~,~,~'],
  FULL_NODUP: [
    'insert 1,a,long,-,7',
    'update 1,a,long,-,7 ~,b,~,~,-',
    'update 1,b,long,-,- ~,~,longer,x00ff,~',
    'delete 1,b,longer,x00ff,-',
  ],
  NOBLOB: ['insert 1,a,long,-,7', 'update 1,a,~,~,7 1,b,~,~,-', 'update 1,b,~,~,- 1,b,longer,x00ff,-', 'delete 1,b,~,~,-'],
} as const;

const IMAGES = Object.keys(EXPECTED) as (keyof typeof EXPECTED)[];

function textOf(row: LoggedRow): string {
  const images = [row.old, row.new].filter((image) => image !== null);
  const texts = images.map((image) => decodeRow(row.schema, image).map(valueText).join(','));
  const operation = Object.keys(Operation).find((name) => Operation[name as keyof typeof Operation] === row.operation);
  return [operation, ...texts].join(' ');
}

function valueText(value: Buffer | null | 'absent', column: number): string {
  if (value === 'absent') return '~';
  if (value === null) return '-';
  return column === 3 ? `x${value.toString('hex')}` : value.toString();
}

for (const { flavor, start } of SERVERS) {
  test(`${flavor}: rows of which the log has some columns`, { skip: skipUnless(flavor) }, async () => {
    const server = await start();
    await server.query('CREATE DATABASE d');
    const version = await versionOf(server);
    const images = IMAGES.filter((image) => image !== 'FULL_NODUP' || (flavor === 'mariadb' && isSince(version, '11.4')));
    for (const image of images) {
      const table = image.toLowerCase();
      const client = await server.client({ database: 'd' });
      await client.query(`SET SESSION binlog_row_image = ${image}`);
      await client.query(`CREATE TABLE ${table} (id int PRIMARY KEY, name varchar(20), note text, b blob, n int)`);
      for (const statement of STATEMENTS) await client.query(statement.replace(' t ', ` ${table} `));
      await client.end();
    }
    const logged = readBinlogRows(server.binlogs(), { flavor });
    for (const image of images) assert.deepEqual(logged.get(image.toLowerCase())!.map(textOf), EXPECTED[image], image);
    await server.destroy();
  });
}
