import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { Servers } from './servers.ts';

for (const version of ['15', '18'] as const) {
  describe(`the rows that are there, PostgreSQL ${version}`, { skip: skipUnless('kafka', 'kcat', `postgres-${version}`) }, () => {
    let servers: Servers;
    before(async () => {
      servers = await Servers.start({ version });
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
  });
}
