import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openSession } from '../../../../engine/source/mysql/connection.ts';
import { parseConnectionUrl } from '../../../../engine/source/mysql/url.ts';
import { certificates } from '../../../support/certificates.ts';
import { startMariadb } from '../../../support/mariadb.ts';
import { MARIADB, withoutPlugin } from '../../../support/mysql-install.ts';
import { startMysql } from '../../../support/mysql.ts';
import type { MysqlServer } from '../../../support/mysql-server.ts';
import { isSince, versionOf } from '../../../support/mysql-version.ts';
import { freePort } from '../../../support/ports.ts';
import { skipUnless } from '../../../support/skip.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

/** Logs in, asks who it is, and how it is protected. */
async function logIn(url: string, secretFile: string | null = null): Promise<{ user: string | null | undefined; tls: string | null }> {
  const session = await openSession({ ...parseConnectionUrl(url).settings, secretFile });
  const [row] = await session.query('SELECT SUBSTRING_INDEX(USER(), ?, 1) AS user', ['@']);
  const tls = session.tlsVersion;
  await session.close();
  return { user: row?.['user'], tls };
}

for (const [flavor, start] of [
  ['mariadb', startMariadb],
  ['mysql', startMysql],
] as const) {
  describe(flavor, { skip: skipUnless(flavor) }, () => {
    let server: MysqlServer;
    let ca: string;

    before(async () => {
      server = await start({ ssl: true, settings: { 'skip-name-resolve': 'ON' } });
      ca = (await certificates()).ca;
    });
    after(async () => await server.destroy());

    test('by TCP, by a Unix socket, with a password in a file, and the reader of the log says its version', async () => {
      assert.deepEqual(await logIn(server.url()), { user: 'millrace', tls: null });
      const socket = `${flavor}://millrace:millrace@/?socket=${server.socketPath}`;
      assert.deepEqual(await logIn(socket), { user: 'millrace', tls: null });
      const file = join(tempDir(), 'secret');
      writeFileSync(file, 'millrace\n');
      assert.equal((await logIn(server.url('millrace', 'wrong'), file)).user, 'millrace');
      const session = await openSession(parseConnectionUrl(server.url()).settings);
      assert.match(session.serverVersion, flavor === 'mariadb' ? /^1\d\..*MariaDB/ : /^[89]\./);
      assert.ok(session.serverVersion.startsWith(await versionOf(server)), session.serverVersion);
      await session.close();
    });

    test('answers are text as the server has it; null is null', async () => {
      const session = await openSession(parseConnectionUrl(server.url()).settings);
      const [row] = await session.query(
        "SELECT 18446744073709551615 AS big, 1.50 AS exact, NULL AS none, '0000-00-00' AS zero, 'ü😀' AS text",
      );
      assert.deepEqual({ ...row }, { big: '18446744073709551615', exact: '1.50', none: null, zero: '0000-00-00', text: 'ü😀' });
      await assert.rejects(session.query('SELECT * FROM nowhere.nothing'), { code: 'STREAM_REFUSED', message: /nowhere.*\(error 1\d\d\d/ });
      await session.close();
    });

    test('a wrong password and an unknown user are refused; the message has neither', async () => {
      for (const [user, password] of [
        ['millrace', 'hush-hush'],
        ['nobody', 'hush-hush'],
      ] as const) {
        await assert.rejects(logIn(server.url(user, password)), (error: Error & { code: string }) => {
          assert.equal(error.code, 'LOGIN_REFUSED');
          assert.doesNotMatch(error.message, /hush/);
          return true;
        });
      }
    });

    test('TLS verifies the authority and the name of the server, whether that is a name or an address', async () => {
      const url = server.url();
      const named = url.replace('127.0.0.1', 'localhost');
      assert.match(String((await logIn(`${url}?ssl-ca=${ca}`)).tls), /^TLSv1\.[23]$/);
      assert.match(String((await logIn(`${named}?ssl-ca=${ca}`)).tls), /^TLSv1\.[23]$/);
      const { otherCa } = await certificates();
      await assert.rejects(logIn(`${url}?ssl-ca=${otherCa}`), { code: 'TLS_FAILED', message: /certificate/ });
      await assert.rejects(logIn(`${url}?ssl=true`), { code: 'TLS_FAILED' }, "not one of Node's own authorities");
      assert.match(String((await logIn(`${url}?ssl-mode=REQUIRED`)).tls), /^TLS/, 'nothing is verified');
      assert.match(String((await logIn(`${url}?ssl-mode=VERIFY_CA&ssl-ca=${ca}`)).tls), /^TLS/);
      await assert.rejects(logIn(`${url}?ssl-ca=/nowhere/ca.pem`), { code: 'TLS_FAILED', message: /`\/nowhere\/ca.pem` \(ssl-ca\)/ });
    });

    test('a certificate of another name is refused, by address too, unless the name does not matter', async () => {
      const { elsewhere } = await certificates();
      const settings = { 'ssl-ca': ca, 'ssl-cert': elsewhere.certificate, 'ssl-key': elsewhere.key, 'skip-name-resolve': 'ON' };
      const other = await start({ settings });
      await assert.rejects(logIn(`${other.url()}?ssl-ca=${ca}`), { code: 'TLS_FAILED' });
      await assert.rejects(logIn(`${other.url().replace('127.0.0.1', 'localhost')}?ssl-ca=${ca}`), { code: 'TLS_FAILED' });
      assert.match(String((await logIn(`${other.url()}?ssl-mode=VERIFY_CA&ssl-ca=${ca}`)).tls), /^TLS/);
      await other.destroy();
    });

    test('an account that asks for a certificate gets one', async () => {
      const { clientCertificate, clientKey } = await certificates();
      await server.query("CREATE USER strict@'%' IDENTIFIED BY 'pw' REQUIRE X509");
      const url = `${server.url('strict', 'pw')}?ssl-ca=${ca}`;
      await assert.rejects(logIn(url), { code: 'LOGIN_REFUSED' });
      assert.equal((await logIn(`${url}&ssl-cert=${clientCertificate}&ssl-key=${clientKey}`)).user, 'strict');
    });

    test('a server that is not there, that has no room, and the next one of the list', async () => {
      const nowhere = `127.0.0.1:${await freePort()}`;
      const here = `127.0.0.1:${server.port}`;
      await assert.rejects(logIn(server.url().replace(here, nowhere)), {
        code: 'SERVER_UNREACHABLE',
        details: { host: '127.0.0.1', port: Number(nowhere.split(':')[1]) },
      });
      assert.equal((await logIn(server.url().replace(here, `${nowhere},${here}`))).user, 'millrace');
      await server.query("CREATE USER single@'%' IDENTIFIED BY 'pw' WITH MAX_USER_CONNECTIONS 1");
      const first = await openSession(parseConnectionUrl(server.url('single', 'pw')).settings);
      await assert.rejects(logIn(server.url('single', 'pw')), { code: 'CONNECTIONS_EXHAUSTED' });
      await first.close();
    });

    test('a connection that is killed is lost, and says so to whoever listens', async () => {
      const session = await openSession(parseConnectionUrl(server.url()).settings);
      let lost: (Error & { code?: string }) | null = null;
      session.onLost((error) => (lost = error));
      await server.query(`KILL ${session.connectionId}`);
      await until(() => lost !== null, { deadlineMs: 5000, what: 'the loss to be told' });
      assert.equal((lost as unknown as { code: string }).code, 'CONNECTION_LOST');
      await session.close();
    });
  });
}

test('a server without TLS is not talked to without it', { skip: skipUnless('mariadb') }, async () => {
  const server = await startMariadb();
  await assert.rejects(logIn(`${server.url()}?ssl=true`), { code: 'TLS_FAILED', message: /does not support secure connection/ });
  await server.destroy();
});

test('caching_sha2_password logs in by RSA, by TLS and by its cache; sha256_password too', { skip: skipUnless('mysql') }, async () => {
  const server = await startMysql({ ssl: true });
  const { ca } = await certificates();
  await server.query(
    "CREATE USER sha@'%' IDENTIFIED WITH caching_sha2_password BY 'pw'; CREATE USER old@'%' IDENTIFIED WITH sha256_password BY 'pw'",
  );
  for (const suffix of ['', `?ssl-ca=${ca}`, '']) {
    await server.query('FLUSH PRIVILEGES');
    assert.equal((await logIn(`${server.url('sha', 'pw')}${suffix}`)).user, 'sha');
  }
  assert.equal((await logIn(server.url('sha', 'pw'))).user, 'sha', 'from the cache');
  assert.equal((await logIn(`${server.url('old', 'pw')}?ssl-ca=${ca}`)).user, 'old');
  // Later ones do not have it.
  if (!isSince(await versionOf(server), '9.0')) {
    await server.query("CREATE USER native@'%' IDENTIFIED WITH mysql_native_password BY 'pw'");
    assert.equal((await logIn(server.url('native', 'pw'))).user, 'native');
  }
  await server.destroy();
});

const withoutEd25519 = skipUnless('mariadb') || withoutPlugin(MARIADB, 'auth_ed25519.so');

test('an account with a plug-in that is not supported is told by the name of it', { skip: withoutEd25519 }, async () => {
  const server = await startMariadb();
  await server.query("INSTALL SONAME 'auth_ed25519'; CREATE USER edward@'%' IDENTIFIED VIA ed25519 USING PASSWORD('pw')");
  await assert.rejects(logIn(server.url('edward', 'pw')), {
    code: 'LOGIN_REFUSED',
    message: /plug-in client_ed25519, which is not supported/,
  });
  await server.destroy();
});
