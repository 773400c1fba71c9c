import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { skipUnless } from '../../../support/skip.ts';
import { TablesBench } from './source-bench.ts';
import { ALL_VERSIONS } from '../../../support/postgres-install.ts';

for (const version of ALL_VERSIONS) {
  describe(`partitioned tables of PostgreSQL ${version}`, { skip: skipUnless(`postgres-${version}`), concurrency: 1 }, () => {
    const bench = new TablesBench(version);

    const PARTITIONS = `
      CREATE TABLE parent(id int, region text, v text, PRIMARY KEY (region, id)) PARTITION BY LIST (region);
      CREATE TABLE leaf_a PARTITION OF parent FOR VALUES IN ('a');
      CREATE TABLE leaf_b(v text, region text NOT NULL, id int NOT NULL, PRIMARY KEY (region, id));
      ALTER TABLE parent ATTACH PARTITION leaf_b FOR VALUES IN ('b')`;

    test('partitions by their own names, with their own columns', async () => {
      await bench.stream(PARTITIONS, 'TABLE parent');
      await bench.server.query("INSERT INTO parent VALUES (1, 'a', 'x'), (2, 'b', 'y')");
      await bench.expect(['region,id: insert public.leaf_a new(1,a,x)', 'region,id: insert public.leaf_b new(y,b,2)']);
    });

    test('partitions as their topmost table, rows that move among them too', async () => {
      await bench.stream(PARTITIONS, 'TABLE parent WITH (publish_via_partition_root = true)');
      await bench.server.query("INSERT INTO parent VALUES (1, 'a', 'x'), (2, 'b', 'y')");
      await bench.server.query("UPDATE parent SET region = 'b' WHERE id = 1");
      await bench.server.query("CREATE TABLE leaf_c PARTITION OF parent FOR VALUES IN ('c')");
      await bench.server.query("INSERT INTO parent VALUES (3, 'c', 'z')");
      await bench.expect([
        'region,id: insert public.parent new(1,a,x)',
        'region,id: insert public.parent new(2,b,y)',
        'region,id: delete public.parent old-key(1,a,null)',
        'region,id: insert public.parent new(1,b,x)',
        'region,id: insert public.parent new(3,c,z)',
      ]);
    });

    test('a partition goes with the table that was selected, the others stay away', async () => {
      bench.selects = (names) => (names.includes('parent') ? true : null);
      await bench.stream(`${PARTITIONS}; CREATE TABLE other(id int PRIMARY KEY)`, 'ALL TABLES');
      await bench.server.query("INSERT INTO other VALUES (1); INSERT INTO parent VALUES (1, 'a', 'x')");
      await bench.expect(['region,id: insert public.leaf_a new(1,a,x)']);
      assert.deepEqual(bench.running.infos.filter((line) => line.includes('does not select')).length, 1);
    });
  });
}
