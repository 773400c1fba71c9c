import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BinlogDatabase } from '../../../bench/mariadb/database.ts';
import { ordersOfBinlog } from '../../../bench/mariadb/orders-source.ts';
import { mariadbBinlog } from '../../../bench/mariadb/references.ts';
import { BinlogServers, type Workload } from '../../../bench/mariadb/servers.ts';
import { captureBinlog } from '../../../bench/pipeline/binlog.ts';
import { bytesOf } from '../../../bench/pipeline/pipeline.ts';
import { MAGIC } from '../../support/binlog-reader.ts';
import { BinlogSink } from '../../support/binlog-sink.ts';
import { run } from '../../support/run.ts';
import { skipUnless } from '../../support/skip.ts';

const ROWS = 2_500;
const CHUNK_BYTES = 20_000;

for (const flavor of ['mariadb', 'mysql'] as const) {
  const skip = skipUnless(flavor, 'mariadb');

  describe(`the logs of the benches, in ${flavor}`, { skip }, () => {
    const servers = new BinlogServers(() => undefined);
    before(async () => {
      if (skip === false) await servers.server(flavor);
    });
    after(() => servers.close());

    const workloads: [Workload, commits: number, statements: number][] = [
      ['multi', 3, 3],
      ['single', 3, ROWS],
      ['small', ROWS, ROWS],
    ];
    for (const [workload, commits, statements] of workloads) {
      test(`${workload}: every row once, in so many transactions and statements`, async () => {
        const { database, place, rows } = await servers.loadedLog(flavor, workload, ROWS);
        assert.equal(rows, ROWS);
        const [row] = await database.server.query(`select count(*) as number, max(id) as last from ${database.name}.orders`);
        assert.deepEqual(row, { number: ROWS, last: ROWS });
        const path = join(database.server.dataDir, place.file);
        const text = await run('mariadb-binlog', [
          '--no-defaults',
          '--base64-output=decode-rows',
          `--start-position=${place.offset}`,
          path,
        ]);
        assert.equal(text.match(/^COMMIT/gm)?.length, commits);
        assert.equal(text.match(/flags: STMT_END_F/g)?.length, statements);
      });
    }

    // MariaDB's program refuses MySQL.
    if (flavor === 'mariadb') {
      test('the reference reads them to the end', async () => {
        const { seconds, cpuSeconds } = await mariadbBinlog(await servers.loadedLog(flavor, 'multi', ROWS)).run();
        assert.ok(seconds > 0 && cpuSeconds >= 0);
      });
    }

    test('a captured log is cut between events, and read as the product reads it', async () => {
      const log = await servers.loadedLog(flavor, 'multi', ROWS);
      const captured = captureBinlog(log, CHUNK_BYTES);
      const sink = new BinlogSink();
      const reader = captured.open(sink);
      for (const chunk of captured.chunks) assert.ok(reader.feed(chunk));
      assert.equal(sink.changes.length, ROWS);
      const file = readFileSync(join(log.database.server.dataDir, log.place.file));
      assert.equal(bytesOf(captured), file.length - MAGIC.length);
      assert.ok(captured.chunks.slice(0, -1).every((chunk) => chunk.length >= CHUNK_BYTES));
    });

    test('one statement inserts many rows, and another reading begins behind them', async () => {
      const database = await BinlogDatabase.create(await servers.server(flavor), 'large');
      const source = ordersOfBinlog(database);
      await source.insertAll(1_002_003);
      const [row] = await database.server.query('select count(*) as number, min(id) as first, max(id) as last from large.orders');
      assert.deepEqual(row, { number: 1_002_003, first: 1, last: 1_002_003 });
      await source.empty();
      const place = await database.newFile();
      assert.ok(readFileSync(join(database.server.dataDir, place.file)).length >= place.offset);
      await database.drop();
    });
  });
}
