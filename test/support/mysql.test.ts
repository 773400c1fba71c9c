import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ConnectionOptions } from 'mysql2/promise';
import { certificates } from './certificates.ts';
import { startMariadb } from './mariadb.ts';
import { ADMIN, REPLICA, REPLICA_PASSWORD } from './mysql-install.ts';
import { startMysql } from './mysql.ts';
import { skipUnless } from './skip.ts';

const SERVERS = [
  { flavor: 'mariadb', start: startMariadb, version: /^1\d\.\d+\.\d+-MariaDB/ },
  { flavor: 'mysql', start: startMysql, version: /^[89]\.\d+\.\d+/ },
] as const;

for (const { flavor, start, version } of SERVERS) {
  const skip = skipUnless(flavor);

  test(`${flavor}: starts, stops, dies and starts again with its data`, { skip }, async () => {
    const server = await start();
    await server.query('CREATE DATABASE d; CREATE TABLE d.t (a int)');
    await server.query('INSERT INTO d.t VALUES (?)', [1]);
    const pid = server.pid;
    await server.stop();
    await server.start();
    assert.notEqual(server.pid, pid);
    await server.query('INSERT INTO t VALUES (2)', [], 'd');
    await server.kill9();
    await assert.rejects(server.query('SELECT 1'), /ECONNREFUSED/);
    await server.start({ 'binlog-row-image': 'MINIMAL' });
    assert.deepEqual(await server.query('SELECT a FROM d.t ORDER BY a'), [{ a: 1 }, { a: 2 }]);
    const [told] = await server.query('SELECT version() AS version, @@binlog_format AS format, @@binlog_row_image AS image');
    assert.match(String(told?.['version']), version);
    assert.deepEqual([told?.['format'], told?.['image']], ['ROW', 'MINIMAL']);
    assert.equal(server.binlogs().length, 3);
    await server.destroy();
    assert.equal(existsSync(server.dataDir), false);
  });

  test(`${flavor}: the users log in by TCP and socket, with TLS where it is offered`, { skip }, async () => {
    const server = await start({ ssl: true, settings: { 'skip-name-resolve': 'ON' } });
    const ca = readFileSync((await certificates()).ca, 'utf8');
    const logins: ConnectionOptions[] = [
      {},
      { ssl: { ca } },
      { user: REPLICA, password: REPLICA_PASSWORD },
      { user: REPLICA, password: REPLICA_PASSWORD, ssl: { ca } },
      { socketPath: server.socketPath, user: ADMIN },
    ];
    for (const login of logins) {
      const client = await server.client(login);
      const [rows] = await client.query("SHOW STATUS LIKE 'Ssl_cipher'");
      assert.equal((rows as { Value: string }[])[0]?.Value === '', !('ssl' in login));
      await client.end();
    }
    await server.destroy();
  });

  test(`${flavor}: a server made of the data of another has them and an identity of its own`, { skip }, async () => {
    const first = await start();
    await first.query('CREATE DATABASE d; CREATE TABLE d.t (a int); INSERT INTO d.t VALUES (7)');
    const uuid = flavor === 'mysql' ? await first.query('SELECT @@server_uuid AS uuid') : null;
    await first.stop();
    const second = await start({ copyOf: first.dataDir, settings: { 'server-id': 2 } });
    assert.deepEqual(await second.query('SELECT a FROM d.t'), [{ a: 7 }]);
    if (uuid !== null) assert.notDeepEqual(await second.query('SELECT @@server_uuid AS uuid'), uuid);
    await Promise.all([first.destroy(), second.destroy()]);
  });
}
