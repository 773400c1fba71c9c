import assert from 'node:assert/strict';
import { createServer, Socket } from 'node:net';
import test, { after, before, describe } from 'node:test';
import { MillraceError } from '../../../../engine/base/errors.ts';
import { openSession, type Session } from '../../../../engine/source/postgres/connection.ts';
import { parseConnectionUrl } from '../../../../engine/source/postgres/url.ts';
import { certificates, type Certificates } from '../../../support/certificates.ts';
import { startPostgres, type PostgresServer } from '../../../support/postgres.ts';
import { skipUnless } from '../../../support/skip.ts';

async function open(url: string): Promise<Session> {
  const { settings } = parseConnectionUrl(url, {});
  return openSession({ settings, kind: 'query', warn: () => undefined });
}

/** Connects and closes; the code of what failed, or null. */
async function codeOf(url: string): Promise<string | null> {
  try {
    await (await open(url)).close();
    return null;
  } catch (error) {
    assert.ok(error instanceof MillraceError, String(error));
    return error.code;
  }
}

function pipeTo(socket: Socket, port: number): void {
  const target = new Socket().connect(port, '127.0.0.1');
  socket.pipe(target).pipe(socket);
  for (const end of [socket, target]) end.on('error', () => target.destroy());
}

for (const version of ['15', '18'] as const) {
  describe(`TLS to PostgreSQL ${version}`, { skip: skipUnless(`postgres-${version}`) }, () => {
    let server: PostgresServer;
    let ca: Certificates;
    before(async () => {
      ca = await certificates();
      const hba = ['hostssl all tls 127.0.0.1/32 scram-sha-256', 'hostnossl all tls 127.0.0.1/32 reject'];
      server = await startPostgres({ version, auth: 'scram-sha-256', ssl: true, hba });
      await server.query("CREATE ROLE tls LOGIN PASSWORD 'p:w\\@ %'; CREATE ROLE other LOGIN PASSWORD 'millrace-secret'");
    });
    after(() => server.destroy());

    test('TLS verifies authority and host name by default, and less only when told', async () => {
      const base = `postgresql://other:millrace-secret@127.0.0.1:${server.port}/postgres`;
      const root = (file: string) => `sslrootcert=${encodeURIComponent(file)}`;
      const isEncrypted = async (query: string) => {
        const session = await open(`${base}?${query}`);
        const { rows } = await session.client.query<{ ssl: boolean }>('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
        await session.close();
        return rows[0]!.ssl;
      };
      assert.equal(await isEncrypted(root(ca.ca)), true);
      assert.equal(await codeOf(`${base}?ssl=true`), 'TLS_FAILED');
      assert.equal(await codeOf(`${base}?${root(ca.otherCa)}`), 'TLS_FAILED');
      assert.equal(await codeOf(`${base}?sslmode=verify-ca&${root(ca.otherCa)}`), 'TLS_FAILED');
      assert.equal(await isEncrypted(`sslmode=require`), true);
      assert.equal(await isEncrypted(`sslmode=prefer`), true);
      assert.equal(await isEncrypted(`sslmode=allow`), false);
      assert.equal(await isEncrypted(`sslmode=disable`), false);
    });

    test('a host name that the certificate does not have is refused by verify-full alone', async () => {
      const root = `sslrootcert=${encodeURIComponent(ca.ca)}`;
      const base = `postgresql://other:millrace-secret@127.0.0.2:${server.port}/postgres`;
      const proxy = createServer((socket) => pipeTo(socket, server.port)).listen({ port: server.port, host: '127.0.0.2' });
      try {
        assert.equal(await codeOf(`${base}?${root}`), 'TLS_FAILED');
        assert.equal(await codeOf(`${base}?sslmode=verify-ca&${root}`), null);
      } finally {
        proxy.close();
      }
    });

    test('`allow` goes over to TLS, and `prefer` away from it, where the server asks for that', async () => {
      const tls = `postgresql://tls:${encodeURIComponent('p:w\\@ %')}@127.0.0.1:${server.port}/postgres`;
      assert.equal(await codeOf(`${tls}?sslmode=disable`), 'LOGIN_REFUSED');
      assert.equal(await codeOf(`${tls}?sslmode=allow`), null);
      const plain = await startPostgres({ version });
      try {
        assert.equal(await codeOf(`${plain.url()}?sslmode=prefer`), null);
        assert.equal(await codeOf(`${plain.url()}?sslmode=require`), 'TLS_FAILED');
      } finally {
        await plain.destroy();
      }
    });
  });
}
