import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { MysqlServer } from '../../../support/mysql-server.ts';
import { startMysql } from '../../../support/mysql.ts';
import { Proxy } from '../../../support/proxy.ts';
import { skipUnless } from '../../../support/skip.ts';
import { logEnd, SCHEMA } from './shop.ts';
import { Streaming } from './streaming.ts';

const ROWS = 2_500;
/** Two packets and a part of a third one, of what cannot be compressed. */
const PAYLOAD_BYTES = ROWS * 16 * 1024;
const EVENT_BYTES_MAX = 1_000_000;

/** One transaction with all rows; what `table` has then. */
async function insertRandom(server: MysqlServer, table: string): Promise<Map<number, string>> {
  const value = `CONCAT(${Array.from({ length: 16 }, () => 'RANDOM_BYTES(1024)').join()})`;
  await server.query(`SET SESSION binlog_transaction_compression = ON, cte_max_recursion_depth = ${ROWS};
    CREATE TABLE shop.${table} (id int PRIMARY KEY, v mediumblob);
    INSERT INTO shop.${table} WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < ${ROWS})
      SELECT id, ${value} FROM n`);
  const rows = await server.query<{ id: number; sum: string }>(`SELECT id, MD5(v) AS sum FROM shop.${table}`);
  return new Map(rows.map(({ id, sum }) => [id, sum]));
}

/** The rows that were inserted, by what they come with. */
function sumsOf(changes: readonly string[]): Map<number, string> {
  return new Map(
    changes.map((line) => {
      const [, id, hex] = /^insert shop\.\w+ new\((\d+),x'([0-9a-f]*)'\)$/.exec(line)!;
      return [Number(id), createHash('md5').update(Buffer.from(hex!, 'hex')).digest('hex')];
    }),
  );
}

describe('compressed transactions of MySQL', { skip: skipUnless('mysql') }, () => {
  let server: MysqlServer;

  before(async () => {
    server = await startMysql({ settings: { 'max-allowed-packet': '1M', 'innodb-redo-log-capacity': '200M' } });
    await server.query(SCHEMA);
  });
  after(async () => await server.destroy());

  for (const way of ['TCP', 'a Unix socket']) {
    test(`one that is larger than an event may be in memory comes whole, over ${way}`, async (t) => {
      const url = way === 'TCP' ? `${server.url()}/shop` : `mysql://millrace:millrace@/shop?socket=${server.socketPath}`;
      const streaming = (await Streaming.open(t, server, { url, eventBytesMax: EVENT_BYTES_MAX })).run();
      const expected = await insertRandom(server, way === 'TCP' ? 'by_tcp' : 'by_socket');
      assert.deepEqual(sumsOf(await streaming.changes(ROWS)), expected);
      assert.ok(streaming.source.status().receivedBytes > PAYLOAD_BYTES);
    });
  }

  test('a connection that breaks in the middle of one gives it once, whole, over the next', async (t) => {
    const proxy = await Proxy.start(server.port);
    t.after(async () => await proxy.stop());
    const url = `${server.url().replace(`:${server.port}`, `:${proxy.port}`)}/shop`;
    const streaming = (await Streaming.open(t, server, { url, eventBytesMax: EVENT_BYTES_MAX })).run();
    let passed = 0;
    proxy.alter = (chunk) => {
      passed += chunk.length;
      if (passed > PAYLOAD_BYTES / 2) {
        passed = Number.NEGATIVE_INFINITY;
        proxy.mend();
      }
      return chunk;
    };
    const expected = await insertRandom(server, 'broken');
    assert.deepEqual(sumsOf(await streaming.changes(ROWS)), expected);
    assert.equal(streaming.sink.changes.length, ROWS);
    assert.equal(streaming.source.status().reconnects, 1);
  });

  test('a start that is looked for in the log passes over one', async (t) => {
    await insertRandom(server, 'passed');
    await server.query('CREATE TABLE shop.last (id int PRIMARY KEY)');
    const streaming = (await Streaming.open(t, server, { start: await logEnd(server), eventBytesMax: EVENT_BYTES_MAX })).run();
    await server.query('INSERT INTO shop.last VALUES (7)');
    assert.deepEqual(await streaming.changes(1), ['insert shop.last new(7)']);
  });
});
