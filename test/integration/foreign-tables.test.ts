import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAIN_VERSIONS } from '../support/postgres-install.ts';
import { skipUnless } from '../support/skip.ts';
import { Servers } from './servers.ts';

for (const version of MAIN_VERSIONS) {
  const skip = skipUnless('kafka', 'kcat', `postgres-${version}`);

  test(
    `foreign tables of postgres_fdw in PostgreSQL ${version}, by name and as partitions, are read as the other server shows them`,
    { skip },
    async (t) => {
      const servers = await Servers.start({ version });
      t.after(() => servers.destroy());
      const columns = 'id int, note text, at timestamptz, n numeric, lasts interval, bytes bytea, tags text[]';
      const schema = `
        CREATE EXTENSION postgres_fdw;
        CREATE SERVER loop FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '${servers.database.port}', dbname '${servers.nextName}');
        CREATE USER MAPPING FOR CURRENT_USER SERVER loop OPTIONS (user 'postgres', password 'millrace');
        CREATE SCHEMA there; CREATE TABLE there.kept (${columns}); CREATE TABLE there.parts (id int, v text);
        INSERT INTO there.kept SELECT n, E'a\tb\\\\' || n, timestamptz '2026-01-01' + n * interval '1 s', n / 7.0, n * interval '1 h',
          decode(lpad(to_hex(n), 8, '0'), 'hex'), ARRAY['x', NULL, n::text] FROM generate_series(1, 2000) n;
        CREATE FOREIGN TABLE shown (${columns}) SERVER loop OPTIONS (schema_name 'there', table_name 'kept');
        CREATE TABLE parts (id int, v text) PARTITION BY RANGE (id);
        CREATE TABLE parts_near PARTITION OF parts FOR VALUES FROM (0) TO (10);
        CREATE FOREIGN TABLE parts_far PARTITION OF parts FOR VALUES FROM (10) TO (20)
          SERVER loop OPTIONS (schema_name 'there', table_name 'parts');
        INSERT INTO parts VALUES (1, 'near'); INSERT INTO there.parts VALUES (11, 'far');`;
      const options = { SYNC_MODE: 'FULL', SNAPSHOT_UNIT: '32kB', TABLES: 'public.shown,public.parts,there.kept' };
      const feed = await servers.feed(t, { schema, options });
      feed.engine.launch();
      const exit = await feed.engine.ended(60_000);
      assert.equal(exit.code, 0, feed.engine.tail());
      const messages = await feed.messages();
      const rowsOf = (wanted: string) => messages.filter(({ table }) => table === wanted).map(({ data }) => JSON.stringify(data));
      assert.deepEqual(rowsOf('parts').sort(), ['{"id":1,"v":"near"}', '{"id":11,"v":"far"}']);
      assert.equal(rowsOf('shown').length, 2000);
      assert.deepEqual(rowsOf('shown').sort(), rowsOf('there.kept').sort());
    },
  );
}
