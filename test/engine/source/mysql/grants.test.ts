import assert from 'node:assert/strict';
import { test } from 'node:test';
import { globalPrivileges, judgePrivileges } from '../../../../engine/source/mysql/grants.ts';
import { identity } from './identities.ts';

const MARIADB = [
  "GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO `repl`@`%` IDENTIFIED BY PASSWORD '*14'",
  'GRANT SELECT ON `shop`.* TO `repl`@`%`',
];

test('what both servers say is read: lists, all privileges, nothing', () => {
  assert.deepEqual([...globalPrivileges(MARIADB)!], ['REPLICATION SLAVE', 'BINLOG MONITOR']);
  assert.ok(globalPrivileges(['GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION'])!.has('ALL PRIVILEGES'));
  assert.deepEqual([...globalPrivileges(['GRANT USAGE ON *.* TO `a`@`%`'])!], ['USAGE']);
  assert.ok(
    globalPrivileges(['GRANT SELECT ON *.* TO `a`@`%`', 'GRANT BACKUP_ADMIN,REPLICATION CLIENT ON *.* TO `a`@`%`'])!.has(
      'REPLICATION CLIENT',
    ),
  );
});

test('roles may hold anything: nothing is judged then', () => {
  const privileges = globalPrivileges(['GRANT USAGE ON *.* TO `a`@`%`', 'GRANT `reader`@`%` TO `a`@`%`']);
  assert.equal(privileges, null);
  assert.deepEqual(judgePrivileges(privileges, identity()), []);
});

test('what is missing is named with its GRANT, by the names of the server', () => {
  const statements = (flavor: 'mariadb' | 'mysql', lines: readonly string[]) =>
    judgePrivileges(globalPrivileges(lines), identity({ flavor })).map(({ code, remedies }) => `${code} ${remedies[0]!.text}`);
  const none = ['GRANT USAGE ON *.* TO `repl`@`%`'];
  assert.deepEqual(statements('mariadb', none), [
    "BINLOG_PRIVILEGE GRANT REPLICATION SLAVE ON *.* TO 'repl'@'%';",
    "BINLOG_PRIVILEGE GRANT BINLOG MONITOR ON *.* TO 'repl'@'%';",
  ]);
  assert.deepEqual(statements('mysql', none).slice(1), ["BINLOG_PRIVILEGE GRANT REPLICATION CLIENT ON *.* TO 'repl'@'%';"]);
  assert.deepEqual(statements('mariadb', MARIADB), []);
});
