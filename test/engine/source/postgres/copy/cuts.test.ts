import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readCopyParts, type CopyPart } from '../../../../../engine/source/postgres/copy/catalog.ts';
import { findCuts, pageCuts, PAGES, unitsOf } from '../../../../../engine/source/postgres/copy/cuts.ts';
import { copyStatement } from '../../../../../engine/source/postgres/copy/statements.ts';
import { startPostgres, type PostgresServer } from '../../../../support/postgres.ts';
import { skipUnless } from '../../../../support/skip.ts';
import { Copying } from './copying.ts';
import { ALL_VERSIONS } from '../../../../support/postgres-install.ts';

const ROWS = 20_000;

/** By name: the key's columns, their types, and what makes their values of `n`. */
const KEYS: Readonly<Record<string, readonly [names: readonly string[], columns: string, values: string]>> = {
  numbers: [['a'], 'a bigint', 'n - 10000'],
  composite: [['b', 'a'], 'a int, b text', "n % 7, 'group ' || n / 7"],
  texts: [['a'], 'a text', "chr(65 + n % 26) || '\\''\"' || n"],
  uuids: [['a'], 'a uuid', 'md5(n::text)::uuid'],
  numerics: [['a'], 'a numeric', "CASE WHEN n = 1 THEN 'NaN' WHEN n = 2 THEN '-Infinity' ELSE n / 3.0 END::numeric"],
  enums: [['a', 'b'], 'a mood, b int', "(ARRAY['sad', 'ok', 'glad'])[1 + n % 3]::mood, n"],
  times: [['a'], 'a timestamptz', "'2026-01-01'::timestamptz + n * interval '1.000001 s'"],
  bytes: [['a'], 'a bytea', "decode(md5(n::text), 'hex')"],
};

test('how many units a part of some size has', () => {
  const part: CopyPart = { oid: 1, schema: 's', table: 't', kind: 'r', bytes: 0, pages: 0, heapPages: 0, rows: 0 };
  assert.equal(unitsOf(part, 100), 1);
  assert.equal(unitsOf({ ...part, bytes: 101 }, 100), 2);
  assert.equal(unitsOf({ ...part, bytes: 1e15 }, 100), 1024);
});

for (const version of ALL_VERSIONS) {
  describe(`cuts, PostgreSQL ${version}`, { skip: skipUnless(`postgres-${version}`) }, () => {
    let server: PostgresServer;
    before(async () => {
      server = await startPostgres({ version });
    });
    after(() => server.destroy());

    test('whatever the key, every row lies in one unit, and none is far larger than the others', async (t) => {
      const tables = Object.entries(KEYS).map(
        ([
          name,
          [key, columns, values],
        ]) => `CREATE TABLE ${name} (${columns}, pad text DEFAULT repeat('x', 50), PRIMARY KEY (${key.join(', ')}));
          INSERT INTO ${name} SELECT ${values} FROM generate_series(1, ${ROWS}) n; ANALYZE ${name};`,
      );
      const copying = await Copying.open(t, server, `CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad'); ${tables.join('\n')}`);
      const client = await copying.client();
      for (const [name, [key]] of Object.entries(KEYS)) {
        const oid = await copying.oid(name);
        const part = (await readCopyParts(client, [oid])).get(oid)!;
        await client.query('BEGIN');
        const cuts = await findCuts(client, part, key, 8);
        const locks = await client.query('SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND relation = $1::oid', [oid]);
        assert.equal(locks.rowCount, 0, `${name} is left unlocked`);
        await client.query('COMMIT');
        assert.equal(cuts.length, 7, name);
        const counts: number[] = [];
        for (let index = 0; index <= cuts.length; index++) {
          const statement = copyStatement(part, [...key], null, { key, from: cuts[index - 1] ?? null, to: cuts[index] ?? null });
          const query = /COPY \((.*)\) TO STDOUT/s.exec(statement)![1]!;
          counts.push(Number((await client.query<{ n: string }>(`SELECT count(*) AS n FROM (${query}) q`)).rows[0]!.n));
        }
        assert.equal(
          counts.reduce((sum, count) => sum + count, 0),
          ROWS,
          name,
        );
        assert.ok(Math.max(...counts) < ROWS / 3, `${name}: ${counts.join(' ')}`);
      }
    });

    test('a table without a key is cut between its pages, which are all that a unit reads', async (t) => {
      const copying = await Copying.open(
        t,
        server,
        "CREATE TABLE t (n int, pad text DEFAULT repeat('x', 50)); INSERT INTO t SELECT generate_series(1, 5000)",
      );
      const client = await copying.client();
      const part = (await readCopyParts(client, [await copying.oid('t')])).values().next().value!;
      assert.deepEqual(pageCuts(part, 1), []);
      assert.equal(pageCuts(part, 1000).length, part.heapPages - 1);
      const cuts = pageCuts(part, 4);
      const counts: number[] = [];
      for (let index = 0; index <= cuts.length; index++) {
        const range = { key: PAGES, from: cuts[index - 1] ?? null, to: cuts[index] ?? null };
        const query = /COPY \((.*)\) TO STDOUT/s.exec(copyStatement(part, ['n'], null, range))![1]!;
        counts.push((await client.query(query)).rowCount!);
        assert.match(JSON.stringify((await client.query(`EXPLAIN ${query}`)).rows), /Tid Range Scan/);
      }
      assert.deepEqual([counts.length, counts.reduce((sum, count) => sum + count, 0)], [4, 5000]);
      assert.ok(Math.max(...counts) < 2000, counts.join(' '));
    });

    test('an empty table, and one without a key, is not cut by one', async (t) => {
      const copying = await Copying.open(t, server, 'CREATE TABLE t (id int PRIMARY KEY)');
      const client = await copying.client();
      const part = (await readCopyParts(client, [await copying.oid('t')])).values().next().value!;
      await client.query('BEGIN');
      assert.deepEqual(await findCuts(client, part, ['id'], 4), []);
      assert.deepEqual(await findCuts(client, part, [], 4), []);
      assert.deepEqual(await findCuts(client, part, ['id'], 1), []);
    });
  });
}
