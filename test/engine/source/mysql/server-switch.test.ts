import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { promote, replicate } from '../../../support/mysql-replication.ts';
import type { MysqlServer, MysqlSettings } from '../../../support/mysql-server.ts';
import { Proxy } from '../../../support/proxy.ts';
import { skipUnless } from '../../../support/skip.ts';
import { until, within } from '../../../support/wait.ts';
import { FLAVORS, SCHEMA, insert, inserted } from './shop.ts';
import { Streaming } from './streaming.ts';

/** Two servers, and one address behind which stands the first until it is turned. */
interface Pair {
  readonly first: MysqlServer;
  readonly second: MysqlServer;
  readonly proxy: Proxy;
  readonly url: string;
}

const NO_GTIDS = { 'gtid-mode': 'OFF', 'enforce-gtid-consistency': 'OFF' };

for (const [flavor, start] of FLAVORS) {
  describe(`a server of ${flavor} that is replaced behind the same address`, { skip: skipUnless(flavor) }, () => {
    async function pairOf(t: TestContext, settings: MysqlSettings = {}): Promise<Pair> {
      const [first, second] = await Promise.all([start({ settings }), start({ settings: { ...settings, 'server-id': 2 } })]);
      t.after(() => Promise.all([first.destroy(), second.destroy()]));
      const proxy = await Proxy.start(first.port);
      t.after(() => proxy.stop());
      const url = `${first.url().replace(`:${first.port}`, `:${proxy.port}`)}/shop`;
      return { first, second, proxy, url };
    }

    function turn({ proxy, second }: Pair): void {
      proxy.turnTo(second.port);
      proxy.mend();
    }

    test('by its replica, in whose log all lies elsewhere: what came meanwhile and comes now, once, and the position goes on', async (t) => {
      const pair = await pairOf(t);
      const { first, second, url } = pair;
      await replicate(second, first);
      await first.query(SCHEMA);
      // The place of the first server's log lies behind all places of the second one's.
      for (let i = 0; i < 3; i++) await first.query('FLUSH BINARY LOGS');
      const before = (await Streaming.open(t, first, { url })).run();
      await insert(first, 1, 2);
      assert.deepEqual(await before.changes(2), inserted(1, 2));
      turn(pair);
      const error = await endOf(before);
      assert.equal(error?.code, 'SERVER_SWITCHED', error?.message);
      await insert(first, 3);
      await until(async () => (await idsOf(second)).length === 3, { what: 'the replica to have all' });
      await promote(second);
      await insert(second, 4);
      const after = (await Streaming.open(t, second, { url, stored: before.stored() })).run();
      assert.deepEqual(await after.changes(2), inserted(3, 4));
      // Nothing of it is left to be read again.
      const stored = after.stored();
      await after.source.stop();
      assert.match(after.text(), /binlog\.000001/);
      const last = (await Streaming.open(t, second, { url, stored })).run();
      await insert(second, 5);
      assert.deepEqual(await last.changes(1), inserted(5));
    });

    test('by one with another history: it never wrote what was read, and no stream is read of it by chance', async (t) => {
      const pair = await pairOf(t);
      const { first, second, proxy, url } = pair;
      for (const server of [first, second]) await server.query(SCHEMA);
      // Turned between the two connections of a start.
      const torn = await Streaming.open(t, first, { url });
      proxy.turnTo(second.port);
      assert.equal((await endOf(torn.run()))?.code, 'SERVER_SWITCHED');
      proxy.turnTo(first.port);
      const before = (await Streaming.open(t, first, { url })).run();
      await insert(first, 1);
      await before.changes(1);
      await insert(second, 1, 2, 3);
      turn(pair);
      assert.equal((await endOf(before))?.code, 'SERVER_SWITCHED');
      await before.source.stop();
      // MySQL's sets tell before the stream; of MariaDB's numbers the server says it, which looks for the very transaction.
      const failure = await Streaming.open(t, second, { url, stored: before.stored() }).then(
        async (after) => await endOf(after.run()),
        (error: Error & { code?: string }) => error,
      );
      assert.equal(failure?.code, 'GTID_UNKNOWN', failure?.message);
    });

    test('by any other, of a position without GTIDs: it means nothing there', async (t) => {
      const pair = await pairOf(t, flavor === 'mysql' ? NO_GTIDS : {});
      const { first, second, url } = pair;
      // MariaDB's transactions always have them: its position is without before the first one.
      for (const server of [first, second]) await server.query(`${SCHEMA}; RESET MASTER`);
      const before = (await Streaming.open(t, first, { url })).run();
      if (flavor === 'mysql') {
        await insert(first, 1);
        await before.changes(1);
      }
      await until(() => before.source.status().receivedBytes > 0, { what: 'the dump to begin' });
      turn(pair);
      assert.equal((await endOf(before))?.code, 'SERVER_SWITCHED');
      await insert(second, 1, 2);
      await assert.rejects(Streaming.open(t, second, { url, stored: before.stored() }), {
        code: 'SYSTEM_CHANGED',
        message: /goes by file and offset, of another server/,
      });
    });
  });
}

/** What ended a stream, which must come to an end. */
async function endOf({ ended }: Streaming): Promise<(Error & { code?: string }) | null> {
  return await within(ended, 20_000, 'the stream to end');
}

async function idsOf(server: MysqlServer): Promise<object[]> {
  return await server.query('SELECT id FROM shop.t').catch(() => []);
}
