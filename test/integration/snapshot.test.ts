import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseRanges } from '../../engine/change/number-ranges.ts';
import type { SnapshotPart, SnapshotRecord } from '../../engine/change/snapshot.ts';
import { ALL_VERSIONS, MAIN_VERSIONS } from '../support/postgres-install.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { assertSame, fold, ROWS, SEAM_SCHEMA, SeamWriter } from './seam.ts';
import { Servers, type Feed } from './servers.ts';

for (const version of ALL_VERSIONS) {
  describe(`the rows that are there, PostgreSQL ${version}`, { skip: skipUnless('kafka', 'kcat', `postgres-${version}`) }, () => {
    let servers: Servers;
    before(async () => {
      servers = await Servers.start({ version, settings: { max_prepared_transactions: '10' } });
    });
    after(() => servers.destroy());

    test('FULL reads every row once, ends with exit code 0 and prints the counts', async (t) => {
      const schema = `
        CREATE TABLE orders (id int PRIMARY KEY, note text);
        INSERT INTO orders SELECT n, CASE WHEN n % 7 = 0 THEN NULL ELSE E'a\\tb\\nc\\\\' || n END FROM generate_series(1, 5000) n;
        CREATE TABLE "Odd ""name""" (v text); INSERT INTO "Odd ""name""" VALUES ('x'), ('x');
        CREATE TABLE empty (id int PRIMARY KEY);`;
      const options = { SYNC_MODE: 'FULL', SNAPSHOT_UNIT: '32kB' };
      const feed = await servers.feed(t, { schema, options });
      feed.engine.launch();
      const exit = await feed.engine.ended(60_000);
      assert.deepEqual(exit.code, 0, feed.engine.tail());
      const messages = await feed.keyed();
      const orders = messages.filter(({ table }) => table === 'orders');
      const notes = new Map(orders.map(({ data }) => [data['id'], data['note']]));
      assert.equal(orders.length, 5000);
      assert.equal(notes.size, 5000);
      for (let id = 1; id <= 5000; id++) assert.equal(notes.get(id), id % 7 === 0 ? null : `a\tb\nc\\${id}`);
      assert.equal(messages.length, 5002);
      assert.match(feed.engine.log(), /public\.orders +5000\n/);
      assert.deepEqual(Object.keys(orders[0]!), ['database', 'table', 'type', 'ts', 'primary_key', 'data', 'key']);
    });

    async function writers(feed: Feed): Promise<SeamWriter[]> {
      const clients = await Promise.all([0, 1, 2].map(() => servers.database.client(feed.name)));
      return clients.map((client, number) => new SeamWriter(client, number));
    }

    /** Until each writer has come so many rounds further. */
    async function roundsPass(all: readonly SeamWriter[], rounds: number): Promise<void> {
      const from = all.map((writer) => writer.rounds);
      await until(() => all.every((writer, index) => writer.rounds >= from[index]! + rounds), { what: `${rounds} rounds of writing` });
    }

    test('FULL + INCREMENTAL while others write: each row and each change once, none missing, none twice', async (t) => {
      const options = { SYNC_MODE: 'FULL + INCREMENTAL', SNAPSHOT_UNIT: '64kB' };
      const feed = await servers.feed(t, { schema: SEAM_SCHEMA, options, partitions: 1 });
      const all = await writers(feed);
      all.forEach((writer) => writer.begin());
      await roundsPass(all, 3);
      await feed.engine.start();
      await until(() => feed.engine.log().includes('the snapshot is finished'), { what: () => `the snapshot\n${feed.engine.tail()}` });
      await roundsPass(all, 20);
      await Promise.all(all.map((writer) => writer.stop()));
      await feed.untilConfirmed();
      await feed.engine.stop();
      const messages = await feed.keyed();
      const snapshot = messages.filter(({ xid }) => xid === undefined);
      assert.ok(snapshot.length >= ROWS, `${snapshot.length} rows of the snapshot`);
      assert.ok(messages.length - snapshot.length > 100, 'changes were streamed');
      await assertSame(feed, fold(messages, true));
    });

    // The restart is ours; what of it is the server's was looked at above.
    if (!(MAIN_VERSIONS as readonly string[]).includes(version)) return;

    /** What the checkpoint says of the table's units. */
    function partOf(feed: Feed): SnapshotPart | undefined {
      const [, body] = readFileSync(join(feed.engine.stateDir, feed.name, 'checkpoint'), 'utf8').split(/\n(.*)/s);
      return (JSON.parse(body!) as { snapshot: SnapshotRecord }).snapshot.tables[0]?.parts[0];
    }

    /** More than the engine can take in while the broker takes nothing: the rest is still to be read. */
    const LARGE = { SNAPSHOT_UNIT: '64kB', MEMORY: '32MB', CHECKPOINT_INTERVAL: '10ms' };
    const LARGE_SCHEMA = `${SEAM_SCHEMA.replace("repeat('x', 60)", "repeat('x', 4000)")}; ANALYZE t;`;

    /** Starts to read, and freezes the broker when the first units are done. */
    async function frozenInTheMiddle(feed: Feed): Promise<SnapshotPart> {
      feed.engine.launch();
      await until(() => feed.engine.log().includes('reading what is'), { what: () => `the snapshot\n${feed.engine.tail()}` });
      await until(() => (partOf(feed)?.done ?? '') !== '', { everyMs: 5, what: () => `the first unit\n${feed.engine.tail()}` });
      servers.broker.pause();
      return partOf(feed)!;
    }

    test('killed in the middle of a snapshot: what is done is not read again, and nothing is missing or stale', async (t) => {
      const options = { SYNC_MODE: 'FULL + INCREMENTAL', ...LARGE };
      const feed = await servers.feed(t, { schema: LARGE_SCHEMA, options, partitions: 1 });
      const all = await writers(feed);
      t.after(() => Promise.all(all.map((writer) => writer.stop())).then(() => undefined));
      all.forEach((writer) => writer.begin());
      const { cuts } = await frozenInTheMiddle(feed);
      await feed.engine.kill9();
      const { done } = partOf(feed)!;
      servers.broker.resume();
      await roundsPass(all, 3);
      await feed.engine.start();
      await until(() => feed.engine.log().includes('the snapshot is finished'), { what: () => `the snapshot\n${feed.engine.tail()}` });
      await roundsPass(all, 3);
      await Promise.all(all.map((writer) => writer.stop()));
      await feed.untilConfirmed();
      await feed.engine.stop();
      const messages = await feed.keyed();
      await assertSame(feed, fold(messages, false));
      const read = messages.filter(({ xid }) => xid === undefined).map(({ data }) => data['id'] as number);
      const unitOf = (id: number) => cuts.filter(([cut]) => Number(cut) <= id).length;
      const doneUnits = new Set(parseRanges(done));
      const ofDone = read.filter((id) => doneUnits.has(unitOf(id)));
      assert.ok(doneUnits.size > 0 && doneUnits.size < cuts.length, `${doneUnits.size} of ${cuts.length + 1} units were done`);
      assert.equal(ofDone.length, new Set(ofDone).size, 'no row of a unit that was done came again');
    });

    test('four units of one table are read at the same time, under one snapshot', async (t) => {
      // Units too long for what sockets take in.
      const schema = `${LARGE_SCHEMA} INSERT INTO t SELECT n, 0 FROM generate_series(${ROWS + 1}, ${2 * ROWS}) n`;
      const feed = await servers.feed(t, { schema, options: { SYNC_MODE: 'FULL', ...LARGE, SNAPSHOT_UNIT: '512kB' } });
      feed.engine.launch();
      await until(() => feed.engine.log().includes('reading what is'), { everyMs: 5, what: () => `the snapshot\n${feed.engine.tail()}` });
      servers.broker.pause();
      t.after(async () => servers.broker.resume());
      let found: { id: string; query: string }[] = [];
      const areFour = async () => {
        found = await servers.database.query<{ id: string; query: string }>(
          `SELECT substring(a.query from 'SNAPSHOT ''([^'']+)') AS id, a.query
             FROM pg_stat_progress_copy c JOIN pg_stat_activity a USING (pid)
            WHERE a.datname = $1`,
          [feed.name],
        );
        return found.length === 4;
      };
      await until(areFour, { what: () => `four COPYs (${found.length})\n${feed.engine.tail()}` });
      assert.equal(new Set(found.map(({ id }) => id)).size, 1);
      assert.equal(new Set(found.map(({ query }) => query)).size, 4);
      servers.broker.resume();
      assert.equal((await feed.engine.ended(60_000)).code, 0);
      assert.equal(await feed.count(), 2 * ROWS);
    });
  });
}
