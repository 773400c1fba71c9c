import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { MillraceError } from '../../../../../engine/base/errors.ts';
import { RecordingCopySink } from '../../../../support/recording-copy-sink.ts';
import { startPostgres, type PostgresServer } from '../../../../support/postgres.ts';
import { skipUnless } from '../../../../support/skip.ts';
import { until } from '../../../../support/wait.ts';
import { Copying } from './copying.ts';
import { ALL_VERSIONS } from '../../../../support/postgres-install.ts';

const MANY = Array.from({ length: 1600 }, (_, index) => `c${index} int2`).join(', ');

const KINDS = `
  CREATE TABLE keyless (v text); INSERT INTO keyless VALUES ('a'), ('a'), (NULL);
  CREATE TABLE empty (id int PRIMARY KEY);
  CREATE TABLE "Odd ""name"".x" ("Id, ""q""" int PRIMARY KEY); INSERT INTO "Odd ""name"".x" VALUES (1);
  CREATE TABLE wide (${MANY}); INSERT INTO wide (c0, c1599) VALUES (1, 2);
  CREATE TABLE made (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED, v text); INSERT INTO made (id, v) VALUES (4, 'x');
  CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (more int) INHERITS (parent);
  INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2, 20);
  CREATE TABLE parts (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
  CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
  CREATE TABLE parts_2 (v text, id int NOT NULL); ALTER TABLE parts ATTACH PARTITION parts_2 FOR VALUES FROM (10) TO (20);
  INSERT INTO parts VALUES (1, 'low'), (11, 'high');
  CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
  CREATE FOREIGN TABLE far (id int, v text) SERVER files OPTIONS (program 'echo 5,there', format 'csv');
  CREATE TABLE mixed (id int) PARTITION BY RANGE (id); CREATE TABLE mixed_1 PARTITION OF mixed FOR VALUES FROM (0) TO (10);
  CREATE FOREIGN TABLE mixed_2 PARTITION OF mixed FOR VALUES FROM (10) TO (20) SERVER files OPTIONS (program 'echo 12');
  INSERT INTO mixed VALUES (3);
  CREATE MATERIALIZED VIEW seen AS SELECT 7 AS n; CREATE UNLOGGED TABLE loose (id int PRIMARY KEY); INSERT INTO loose VALUES (9);`;

const GONE = `
  CREATE EXTENSION postgres_fdw; CREATE SERVER gone FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '1');
  CREATE USER MAPPING FOR CURRENT_USER SERVER gone OPTIONS (user 'u', password 'w0rd');
  CREATE FOREIGN TABLE far (id int) SERVER gone`;

/** Rows without the units that they came in, in a fixed order. */
function rowsOf(sink: RecordingCopySink): string[] {
  return sink.changes.toSorted();
}

for (const version of ALL_VERSIONS) {
  describe(`tables as they are read, PostgreSQL ${version}`, { skip: skipUnless(`postgres-${version}`) }, () => {
    let server: PostgresServer;
    before(async () => {
      server = await startPostgres({ version });
    });
    after(() => server.destroy());

    test('every kind of table, with the columns that the stream has', async (t) => {
      const copying = await Copying.open(t, server, KINDS);
      const sink = new RecordingCopySink();
      await (await copying.snapshot({}, '*.*,public.loose,public.far'))!.read(sink);
      const narrow = rowsOf(sink).filter((line) => !line.includes('public.wide'));
      assert.deepEqual(narrow, [
        'insert public.Odd "name".x new(1)',
        'insert public.child new(2,20)',
        'insert public.far new(5,there)',
        'insert public.keyless new(a)',
        'insert public.keyless new(a)',
        'insert public.keyless new(null)',
        'insert public.loose new(9)',
        'insert public.made new(4,x)',
        'insert public.mixed new(12)',
        'insert public.mixed new(3)',
        'insert public.parent new(1)',
        'insert public.parts new(1,low)',
        'insert public.parts new(11,high)',
        'insert public.seen new(7)',
      ]);
      const wide = sink.changes.find((line) => line.includes('public.wide'))!;
      assert.match(wide, /^insert public\.wide new\(1,(null,){1598}2\)$/);
      assert.equal(sink.lines.filter((line) => line.startsWith('end ')).length, 14);
    });

    test('a foreign table whose server is not there is named', async (t) => {
      const copying = await Copying.open(t, server, GONE);
      const reading = (await copying.snapshot({}, 'public.far'))!.read(new RecordingCopySink());
      await assert.rejects(reading, { code: 'CONNECTION_LOST', message: /^cannot read public\.far: could not connect to server "gone"/ });
    });

    test('units of several connections come in turn, each row once, however often the sink refuses', async (t) => {
      const copying = await Copying.open(
        t,
        server,
        "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT n, repeat('x', 200) FROM generate_series(1, 20000) n; ANALYZE t",
      );
      const sink = new RecordingCopySink();
      sink.entryRefusals = 3;
      sink.limit = 500;
      const snapshot = (await copying.snapshot({ unitBytes: 200_000, connections: 3 }))!;
      const reading = snapshot.read(sink);
      await until(() => snapshot.status().stalled, { what: 'a refusal' });
      // Each time that there is room it is for a few hundred rows.
      const room = setInterval(() => {
        sink.limit += 700;
        snapshot.resume();
      }, 1);
      await reading;
      clearInterval(room);
      const ids = sink.changes.map((line) => Number(/new\((\d+),/.exec(line)![1]));
      assert.equal(ids.length, 20_000);
      assert.equal(new Set(ids).size, 20_000);
      const units = snapshot.record.tables[0]!.parts[0]!.cuts.length + 1;
      assert.ok(units > 10, `${units} units`);
      assert.equal(sink.lines.filter((line) => line.startsWith('end ')).length, units);
    });

    test('what is committed after the snapshot is not in it, whichever connection reads', async (t) => {
      const tables = ['t', 'u', 'v'];
      const fill = (name: string) => `CREATE TABLE ${name} (id int PRIMARY KEY, v int); INSERT INTO ${name} VALUES (1, 1), (2, 1)`;
      const copying = await Copying.open(t, server, tables.map(fill).join(';'));
      const snapshot = (await copying.snapshot({ connections: tables.length }))!;
      const change = (name: string) => `UPDATE ${name} SET v = 2; INSERT INTO ${name} VALUES (3, 2); DELETE FROM ${name} WHERE id = 1`;
      await copying.query(tables.map(change).join(';'));
      const sink = new RecordingCopySink();
      await snapshot.read(sink);
      assert.deepEqual(
        rowsOf(sink),
        tables.flatMap((name) => [`insert public.${name} new(1,1)`, `insert public.${name} new(2,1)`]),
      );
    });

    for (const [what, change] of [
      ['truncated', 'TRUNCATE t'],
      ['rewritten', 'ALTER TABLE t ALTER v TYPE bigint'],
      ['replaced', 'ALTER TABLE t RENAME TO before; CREATE TABLE t (id int PRIMARY KEY, v int)'],
    ] as const) {
      test(`a table that is ${what} after the snapshot is not taken for an empty one`, async (t) => {
        const copying = await Copying.open(t, server, 'CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 1)');
        const snapshot = (await copying.snapshot())!;
        await copying.query(change);
        const sink = new RecordingCopySink();
        await assert.rejects(snapshot.read(sink), { code: 'SNAPSHOT_OUTDATED', message: /public\.t was truncated, rewritten or replaced/ });
        assert.ok(!sink.lines.some((line) => line.startsWith('end ')), 'its unit is not whole');
      });
    }

    test('a row that is too large, a column that is gone and a connection that ends are named errors', async (t) => {
      const copying = await Copying.open(
        t,
        server,
        "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, repeat('x', 5000))",
      );
      const small = (await copying.snapshot({ lineBytesMax: 1000 }))!;
      await assert.rejects(small.read(new RecordingCopySink()), { code: 'ROW_TOO_LARGE', message: /public\.t takes 5003 bytes/ });
      const gone = (await copying.snapshot())!;
      await copying.query('ALTER TABLE t DROP COLUMN v');
      await assert.rejects(gone.read(new RecordingCopySink()), { code: 'SNAPSHOT_REFUSED', message: /public\.t.*column "v"/ });
    });

    test('a connection that ends in the middle is a named error', async (t) => {
      // More than the buffers between the server and us hold.
      const schema =
        "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT n, repeat('x', 2000) FROM generate_series(1, 20000) n";
      const copying = await Copying.open(t, server, schema);
      const snapshot = (await copying.snapshot())!;
      const sink = new RecordingCopySink();
      sink.limit = 1;
      const reading = assert.rejects(snapshot.read(sink), { code: 'CONNECTION_LOST' });
      await until(() => snapshot.status().stalled, { what: 'a refusal' });
      await copying.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%COPY %' AND pid <> pg_backend_pid()");
      sink.limit = Infinity;
      snapshot.resume();
      await reading;
    });

    test('stopped in the middle it resolves, and no unit is whole', async (t) => {
      const copying = await Copying.open(t, server, 'CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2)');
      const snapshot = (await copying.snapshot())!;
      const sink = new RecordingCopySink();
      sink.limit = 1;
      const reading = snapshot.read(sink);
      await until(() => snapshot.status().stalled, { what: 'a refusal' });
      snapshot.stop();
      await reading;
      assert.deepEqual(sink.lines, ['unit 0', 'insert public.t new(1)']);
    });
  });
}

describe('a snapshot without its keeper', { skip: skipUnless('postgres-15', 'postgres-18') }, () => {
  for (const version of ['15', '18'] as const) {
    test(`ends for the reason of that, though a reader tells of it first, PostgreSQL ${version}`, async (t) => {
      const server = await startPostgres({ version });
      t.after(() => server.destroy());
      const copying = await Copying.open(t, server, 'CREATE TABLE t (id int PRIMARY KEY)');
      const snapshot = (await copying.snapshot())!;
      const { session } = snapshot['options'].keeper;
      let tell: (reason: MillraceError) => void = () => undefined;
      session.onLost = (listener) => (tell = listener);
      await session.close();
      const reading = assert.rejects(snapshot.read(new RecordingCopySink()), { code: 'SNAPSHOT_CANCELLED' });
      await until(() => snapshot.status().receivedBytes > 0, { what: "the server's answer to the reader" });
      tell(new MillraceError('SNAPSHOT_CANCELLED', 'a conflict with recovery'));
      await reading;
    });
  }
});
