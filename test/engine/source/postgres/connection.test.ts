import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import test, { after, before, describe } from 'node:test';
import { MillraceError } from '../../../../engine/base/errors.ts';
import { openSession, type Session } from '../../../../engine/source/postgres/connection.ts';
import { parseConnectionUrl } from '../../../../engine/source/postgres/url.ts';
import { startPostgres, type PostgresServer } from '../../../support/postgres.ts';
import { freePort } from '../../../support/ports.ts';
import { skipUnless } from '../../../support/skip.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

async function open(url: string, kind: 'replication' | 'query' = 'query', env: Record<string, string> = {}): Promise<Session> {
  const { settings } = parseConnectionUrl(url, env);
  return openSession({ settings, kind, warn: () => undefined });
}

/** Connects and closes; the code of what failed, or null. */
async function codeOf(url: string, env?: Record<string, string>): Promise<string | null> {
  try {
    await (await open(url, 'query', env)).close();
    return null;
  } catch (error) {
    assert.ok(error instanceof MillraceError, String(error));
    assert.ok(!error.message.includes('millrace-secret'), 'the message does not tell the password');
    return error.code;
  }
}

for (const version of ['15', '18'] as const) {
  describe(`PostgreSQL ${version}`, { skip: skipUnless(`postgres-${version}`) }, () => {
    let server: PostgresServer;
    before(async () => {
      server = await startPostgres({ version, auth: 'scram-sha-256' });
      await server.query("CREATE ROLE other LOGIN PASSWORD 'millrace-secret'");
    });
    after(() => server.destroy());

    test('a password in a file of its own is read for each connection', async (t) => {
      const secretFile = join(tempDir(t), 'password');
      const { settings } = parseConnectionUrl(server.url().replace(/:\/\/[^@]*@/, '://other:wrong@'), {});
      const connect = () => openSession({ settings: { ...settings, secretFile }, kind: 'query', warn: () => undefined });
      writeFileSync(secretFile, 'not-yet');
      await assert.rejects(connect(), { code: 'LOGIN_REFUSED' });
      writeFileSync(secretFile, 'millrace-secret\n');
      await (await connect()).close();
      rmSync(secretFile);
      await assert.rejects(connect(), {
        code: 'LOGIN_REFUSED',
        message: /MILLRACE_SOURCE_PASSWORD_FILE: .* cannot be read any more: ENOENT/,
      });
    });

    test('passwords over SCRAM, over TCP and over the Unix socket', async () => {
      for (const url of [server.url(), server.socketUrl()]) {
        const session = await open(url);
        assert.equal(session.isLocal, url === server.socketUrl());
        assert.ok(session.processId > 0);
        assert.match(session.parameter('server_version'), new RegExp(`^${version}`));
        await session.close();
      }
    });

    test('settings of a role that would end sessions at rest do not hold for ours', async () => {
      await server.query('ALTER ROLE other SET idle_session_timeout = 60000');
      if (version === '18') await server.query('ALTER ROLE other SET transaction_timeout = 60000');
      await server.query('ALTER ROLE other REPLICATION');
      for (const kind of ['query', 'replication'] as const) {
        const session = await open(`postgresql://other:millrace-secret@127.0.0.1:${server.port}/postgres`, kind);
        const { rows } = await session.client.query(
          "SELECT name FROM pg_settings WHERE name ~ '_timeout$' AND context = 'user' AND setting <> '0'",
        );
        await session.close();
        const [left, shipped] = [rows.map(({ name }: { name: string }) => name), ['tcp_user_timeout', 'wal_sender_timeout']];
        assert.deepEqual(
          left.filter((name) => !shipped.includes(name)),
          [],
          kind,
        );
      }
    });

    test('a wrong password and an unknown database are refusals; nothing tells the password', async () => {
      const { port } = server;
      assert.equal(await codeOf(`postgresql://other:millrace-secret1@127.0.0.1:${port}/postgres`), 'LOGIN_REFUSED');
      assert.equal(await codeOf(`postgresql://other:millrace-secret@127.0.0.1:${port}/nowhere`), 'LOGIN_REFUSED');
      assert.equal(await codeOf(`postgresql://other@127.0.0.1:${port}/postgres?passfile=/nonexistent`), 'LOGIN_REFUSED');
    });

    test('passwords from a password file', async (t) => {
      const file = join(tempDir(t), 'pass');
      writeFileSync(file, `127.0.0.1:${server.port}:postgres:other:millrace-secret\n`, { mode: 0o600 });
      const url = `postgresql://other@127.0.0.1:${server.port}/postgres`;
      assert.equal(await codeOf(url, { PGPASSFILE: file }), null);
      assert.equal(await codeOf(`${url}?passfile=${encodeURIComponent(file)}`), null);
    });

    test('both kinds of sessions have the settings that the text of values depends on, whatever the role says', async () => {
      const settings =
        "DateStyle = 'German', IntervalStyle = 'iso_8601', TimeZone = 'Asia/Tokyo', bytea_output = 'escape', extra_float_digits = '-3'";
      for (const setting of settings.split(/, (?=[A-Za-z_]+ =)/)) await server.query(`ALTER ROLE postgres SET ${setting}`);
      try {
        for (const kind of ['query', 'replication'] as const) {
          const session = await open(`${server.url()}?options=-c%20work_mem%3D5MB`, kind);
          const { rows } = await session.client.query<{ text: string }>(
            `SELECT concat_ws('|', timestamptz '2026-01-02 03:04:05+06', interval '1 day 2 hours', bytea '\\x00ff', 0.1::float8 + 0.2::float8, current_setting('work_mem')) AS text`,
          );
          assert.equal(rows[0]!.text, String.raw`2026-01-01 21:04:05+00|1 day 02:00:00|\x00ff|0.30000000000000004|5MB`);
          await session.close();
        }
      } finally {
        await server.query('ALTER ROLE postgres RESET ALL');
      }
    });

    test('the first of several hosts that answers and is what was asked for is taken', async () => {
      const closed = await freePort();
      const hosts = `127.0.0.1:${closed},127.0.0.1:${server.port}`;
      const account = 'postgresql://other:millrace-secret@';
      const session = await open(`${account}${hosts}/postgres?target_session_attrs=read-write`);
      assert.equal(session.server.port, server.port);
      await session.close();
      assert.equal(await codeOf(`${account}127.0.0.1:${server.port}/postgres?target_session_attrs=standby`), 'SERVER_STANDBY');
      assert.equal(await codeOf(`${account}127.0.0.1:${closed},127.0.0.1:${closed}/postgres`), 'SERVER_UNREACHABLE');
      assert.equal(await codeOf(`${account}127.0.0.1:${server.port},127.0.0.1:${closed}/nowhere`), 'LOGIN_REFUSED');
    });

    test('a session that the server ends says so, once', async () => {
      const session = await open(server.url());
      const losses: string[] = [];
      session.onLost((error) => losses.push(error.code));
      await server.query(`SELECT pg_terminate_backend(${session.processId})`);
      await until(() => losses.length > 0, { what: 'the loss to be noticed' });
      assert.deepEqual(losses, ['CONNECTION_LOST']);
      session.onLost((error) => losses.push(error.code));
      assert.equal(losses.length, 2, 'and to whoever asks later');
      await session.close();
    });

    test('a session that is closed is not lost', async () => {
      const session = await open(server.url());
      session.onLost(assert.fail);
      await session.close();
      await until(async () => (await server.query(`SELECT 1 FROM pg_stat_activity WHERE pid = ${session.processId}`)).length === 0, {
        what: 'its end',
      });
    });

    test('a socket that was taken is read by nobody else', async () => {
      const session = await open(server.url(), 'replication');
      session.onLost(assert.fail);
      const socket = session.takeSocket();
      const chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      // A query whose answer `pg` could not know what to do with.
      socket.write(Buffer.from('51000000145349444e4f54455849535453205b3a00', 'hex'));
      await until(() => Buffer.concat(chunks).includes('Z'), { what: 'the answer' });
      assert.equal(String.fromCharCode(Buffer.concat(chunks)[0]!), 'E');
      await session.close();
    });
  });
}

for (const version of ['15', '18'] as const) {
  test(
    `PostgreSQL ${version} without room: the limit that was met, and how to raise it`,
    { skip: skipUnless(`postgres-${version}`) },
    async (t) => {
      const settings = { max_connections: 6, superuser_reserved_connections: 3, max_wal_senders: 1, wal_level: 'logical' };
      const server = await startPostgres({ version, settings });
      t.after(() => server.destroy());
      await server.query('CREATE ROLE plain LOGIN REPLICATION; CREATE ROLE limited LOGIN CONNECTION LIMIT 0');
      await server.query('CREATE DATABASE small CONNECTION LIMIT 0');
      const refused = async (code: string, message: RegExp, url: string, kind?: 'replication') => {
        await assert.rejects(
          open(url, kind),
          (error: MillraceError) => error.code === code && message.test(error.message),
          `${code} ${message}`,
        );
      };
      await refused('CONNECTIONS_EXHAUSTED', /ALTER ROLE \.\.\. CONNECTION LIMIT/, server.url('postgres', 'limited'));
      await refused('CONNECTIONS_EXHAUSTED', /ALTER DATABASE \.\.\. CONNECTION LIMIT/, server.url('small', 'plain'));

      const walSender = await open(server.url('postgres', 'plain'), 'replication');
      const walSendersTaken = /exceeds "?max_wal_senders"? \(currently 1\) \(SQLSTATE 53300\).* raise max_wal_senders and restart/;
      await refused('WAL_SENDERS_EXHAUSTED', walSendersTaken, server.url('postgres', 'plain'), 'replication');

      const sessions: Session[] = [];
      await assert.rejects(
        async () => {
          for (;;) sessions.push(await open(server.url('postgres', 'plain')));
        },
        { code: 'CONNECTIONS_EXHAUSTED', message: /remaining connection slots are reserved .* raise max_connections and restart/ },
      );
      assert.ok(sessions.length > 0);
      while (sessions.length < 6) sessions.push(await open(server.url()));
      await refused('CONNECTIONS_EXHAUSTED', /too many clients already .* raise max_connections/, server.url());
      await Promise.all([...sessions, walSender].map((session) => session.close()));
    },
  );
}

test('a server that accepts and says nothing is given up after the time allowed', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket));
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  try {
    assert.equal(await codeOf(`postgresql://ann:x@127.0.0.1:${port}/shop?connect_timeout=1`), 'SERVER_UNREACHABLE');
  } finally {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  }
});
