import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startMariadb } from '../../../support/mariadb.ts';
import type { MysqlServer } from '../../../support/mysql-server.ts';
import { Proxy } from '../../../support/proxy.ts';
import { skipUnless } from '../../../support/skip.ts';
import { until } from '../../../support/wait.ts';
import { FLAVORS, SCHEMA, insert, inserted } from './shop.ts';
import { Streaming } from './streaming.ts';

for (const [flavor, start] of FLAVORS) {
  describe(flavor, { skip: skipUnless(flavor) }, () => {
    let server: MysqlServer;

    before(async () => {
      server = await start();
      await server.query(SCHEMA);
    });
    after(async () => await server.destroy());

    test('a dump that is killed again and again goes on each time: nothing twice, nothing missing', async (t) => {
      const streaming = (await Streaming.open(t, server)).run();
      const ids = Array.from({ length: 60 }, (_, index) => 100 + index);
      for (const id of ids) {
        await insert(server, id);
        if (id % 20 === 10) await killDump(server);
      }
      assert.deepEqual(await streaming.changes(ids.length), inserted(...ids));
      assert.ok(streaming.source.status().reconnects >= 2, `${streaming.source.status().reconnects} reconnects`);
      assert.ok(streaming.warnings.includes('CONNECTION_LOST'));
    });

    test('a dump that is killed within a transaction gives that once, whole', async (t) => {
      const streaming = (await Streaming.open(t, server)).run();
      await insert(server, 200);
      await streaming.changes(1);
      const client = await server.client();
      await client.query("BEGIN; INSERT INTO shop.t VALUES (201, 'a')");
      await killDump(server);
      await client.query("INSERT INTO shop.t VALUES (202, 'a'); COMMIT");
      await client.end();
      assert.deepEqual(await streaming.changes(3), inserted(200, 201, 202));
    });

    test('what was decided and not taken yet is given before the new connection reads', async (t) => {
      const streaming = (await Streaming.open(t, server)).run();
      streaming.sink.refusals = 1;
      await server.query("INSERT INTO shop.t VALUES (300, 'a'), (301, 'a')");
      await until(() => streaming.source.status().stalled, { deadlineMs: 5000, what: 'the source to be stalled' });
      streaming.sink.refusals = 1_000_000;
      await killDump(server);
      await insert(server, 302);
      await until(() => !streaming.source.status().connected, { deadlineMs: 10_000, what: 'the loss to be noticed' }).catch(
        () => undefined,
      );
      streaming.sink.refusals = 0;
      streaming.source.resume();
      assert.deepEqual(await streaming.changes(3), inserted(300, 301, 302));
    });

    test('the server is killed, and starts again with a new file', async (t) => {
      const streaming = (await Streaming.open(t, server)).run();
      await insert(server, 400);
      await streaming.changes(1);
      await server.kill9();
      await server.start();
      await insert(server, 401);
      assert.deepEqual(await streaming.changes(2), inserted(400, 401));
    });

    test('a network that takes everything and says nothing is noticed by the missing heartbeats', async (t) => {
      const proxy = await Proxy.start(server.port);
      t.after(async () => await proxy.stop());
      const url = `${server.url().replace(`:${server.port}`, `:${proxy.port}`)}/shop?timeout=1`;
      const streaming = (await Streaming.open(t, server, { url })).run();
      await insert(server, 500);
      await streaming.changes(1);
      proxy.cut();
      await until(() => streaming.warnings.includes('CONNECTION_LOST'), { deadlineMs: 15_000, what: 'the silence to be noticed' });
      await insert(server, 501);
      proxy.mend();
      assert.deepEqual(await streaming.changes(2), inserted(500, 501));
    });

    test('idle streams stay, for longer than the time after which silence is an end', async (t) => {
      const streaming = (await Streaming.open(t, server, { timeoutMs: 1000 })).run();
      const bytes = () => streaming.source.status().receivedBytes;
      await until(() => bytes() > 0, { deadlineMs: 5000, what: 'the dump to begin' });
      const begun = performance.now();
      await until(() => performance.now() - begun > 2500, { deadlineMs: 5000, what: 'time to pass' });
      assert.equal(streaming.source.status().reconnects, 0);
      assert.ok(streaming.source.status().silentMs < 1000);
    });

    test('another replica with the same server_id: who comes second is refused at the start, who is thrown out says so', async (t) => {
      const first = (await Streaming.open(t, server)).run();
      await insert(server, 600);
      await first.changes(1);
      const admin = `${server.url('root', '')}/shop`;
      await assert.rejects(Streaming.open(t, server, { url: admin, timeoutMs: 1000 }), {
        code: 'SERVER_ID_TAKEN',
        message: /The replica millrace test is connected with the server_id 4000000001/,
      });
      const own = (await server.query<{ id: number }>('SELECT @@server_id AS id'))[0]!.id;
      await assert.rejects(Streaming.open(t, server, { serverId: own }), { code: 'SERVER_ID_TAKEN', message: /server itself/ });
      await server.query('KILL ?', [await dumpId(server)]);
      await until(() => first.source.status().reconnects > 0, { deadlineMs: 10_000, what: 'a reconnect' });
    });
  });
}

test(
  'MariaDB ends the stream of a replica when another one comes with its server_id: that is named',
  { skip: skipUnless('mariadb') },
  async (t) => {
    const server = await startMariadb();
    t.after(async () => await server.destroy());
    await server.query(SCHEMA);
    const first = (await Streaming.open(t, server)).run();
    await server.query("INSERT INTO shop.t VALUES (1, 'a')");
    await first.changes(1);
    // Who may not see replicas does not notice at its start.
    const second = (await Streaming.open(t, server)).run();
    await server.query("INSERT INTO shop.t VALUES (2, 'a')");
    await second.changes(1);
    const error = await first.ended;
    assert.equal(error?.code, 'SERVER_ID_CLASH', error?.message);
  },
);

async function dumpId(server: MysqlServer): Promise<number> {
  let found: number | undefined;
  const look = async () => {
    const rows = await server.query<{ Id: number; Command: string }>('SHOW PROCESSLIST');
    found = rows.find(({ Command }) => Command.startsWith('Binlog Dump'))?.Id;
    return found !== undefined;
  };
  await until(look, { deadlineMs: 10_000, what: 'a dump on the server' });
  return found!;
}

async function killDump(server: MysqlServer): Promise<void> {
  await server.query('KILL ?', [await dumpId(server)]).catch(() => undefined);
}
