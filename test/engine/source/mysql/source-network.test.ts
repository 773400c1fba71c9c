import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { after, before, describe, test, type TestContext } from 'node:test';
import { openSession } from '../../../../engine/source/mysql/connection.ts';
import { parseConnectionUrl } from '../../../../engine/source/mysql/url.ts';
import type { MysqlServer } from '../../../support/mysql-server.ts';
import { Proxy } from '../../../support/proxy.ts';
import { skipUnless } from '../../../support/skip.ts';
import { until } from '../../../support/wait.ts';
import { FLAVORS, SCHEMA, insert, inserted } from './shop.ts';
import { Streaming } from './streaming.ts';

/** Type of a ROTATE event, which begins each dump: the fifth byte of a packet says that it is an event, the tenth which. */
const ROTATE = 4;
const TIMEOUT_MS = 1000;

for (const [flavor, start] of FLAVORS) {
  describe(flavor, { skip: skipUnless(flavor) }, () => {
    let server: MysqlServer;

    before(async () => {
      server = await start({ settings: { 'net-write-timeout': 1, 'net-read-timeout': 1 } });
      await server.query(`${SCHEMA}; CREATE TABLE shop.large (id int PRIMARY KEY, v longblob)`);
    });
    after(async () => await server.destroy());

    /** A source whose connections go through a proxy. */
    async function proxied(t: TestContext): Promise<{ proxy: Proxy; streaming: Streaming }> {
      const proxy = await Proxy.start(server.port);
      t.after(async () => await proxy.stop());
      const url = `${server.url().replace(`:${server.port}`, `:${proxy.port}`)}/shop`;
      return { proxy, streaming: await Streaming.open(t, server, { url, timeoutMs: TIMEOUT_MS }) };
    }

    test('a byte that is flipped on the way ends the stream: its row does not come out', async (t) => {
      const { proxy, streaming } = await proxied(t);
      streaming.run();
      await insert(server, 1);
      await streaming.changes(1);
      proxy.alter = (chunk) => {
        const at = chunk.indexOf('flip me');
        if (at >= 0) chunk[at]! ^= 1;
        return chunk;
      };
      await server.query("INSERT INTO shop.t VALUES (2, 'flip me')");
      const error = await streaming.ended;
      assert.equal(error?.code, 'BINLOG_CHECKSUM', error?.message);
      assert.deepEqual(streaming.sink.changes, inserted(1));
    });

    test('a server that does not answer a statement is left after a while', async (t) => {
      const proxy = await Proxy.start(server.port);
      t.after(async () => await proxy.stop());
      const { settings } = parseConnectionUrl(server.url().replace(`:${server.port}`, `:${proxy.port}`));
      const session = await openSession({ ...settings, timeoutMs: 300 });
      proxy.cut();
      await assert.rejects(session.query('SELECT 1'), { code: 'CONNECTION_LOST', message: /SELECT 1: no answer for 1\.8 s/ });
      await session.close();
    });

    test('a server whose net_write_timeout is short does not end a stream that nobody reads for longer', async (t) => {
      const streaming = (await Streaming.open(t, server, { timeoutMs: TIMEOUT_MS })).run();
      await insert(server, 10);
      await streaming.changes(1);
      streaming.sink.refusals = Number.POSITIVE_INFINITY;
      await insert(server, 11);
      await until(() => streaming.source.status().stalled, { deadlineMs: 5000, what: 'the source to be stalled' });
      // More than the buffers of both sides have room for: the server waits within a write.
      for (let id = 0; id < 16; id++) await server.query(`INSERT INTO shop.large VALUES (${id}, REPEAT('x', 1000000))`);
      const begun = performance.now();
      await until(() => performance.now() - begun > 3 * TIMEOUT_MS, { deadlineMs: 10_000, what: 'time to pass' });
      streaming.sink.refusals = 0;
      streaming.source.resume();
      assert.deepEqual((await streaming.changes(18)).slice(0, 2), inserted(10, 11));
      assert.equal(streaming.source.status().reconnects, 0, streaming.warnings.join(' '));
    });

    test('a server that seeks the place of a GTID for longer than silence may last is waited for (bug 29)', async (t) => {
      const { proxy, streaming } = await proxied(t);
      await insert(server, 20);
      let dumps = 0;
      proxy.alter = async (chunk) => {
        if (chunk[4] !== 0 || chunk[9] !== ROTATE) return chunk;
        dumps += 1;
        const begun = performance.now();
        await until(() => performance.now() - begun > 3 * TIMEOUT_MS, { deadlineMs: 10_000, what: 'time to pass' });
        return chunk;
      };
      streaming.run();
      assert.deepEqual(await streaming.changes(1), inserted(20));
      assert.deepEqual([dumps, streaming.source.status().reconnects], [1, 0], streaming.warnings.join(' '));
    });
  });
}

test('a server that takes the connection and says nothing is left after the timeout', async (t) => {
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  t.after(() => silent.close());
  const { port } = silent.address() as AddressInfo;
  const { settings } = parseConnectionUrl(`mariadb://ann@127.0.0.1:${port}/?timeout=1s`);
  await assert.rejects(openSession(settings), { code: 'SERVER_UNREACHABLE', message: /cannot connect to 127\.0\.0\.1/ });
});
