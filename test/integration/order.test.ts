import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { QueryResult } from 'pg';
import { MockCluster } from '../../native-bridge/index.ts';
import { consume } from '../support/consume.ts';
import type { ConsumedRecord } from '../support/kcat-parser.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { runCommand } from './command.ts';
import { serversForFile, type Feed, type Servers } from './servers.ts';
import { NEEDS, type Message } from './stage.ts';

const TABLES = ['t0', 't1', 't2', 't3', 't4'] as const;
const KEYS = 12;
const PARTITIONS = 7;
const STALLED = 3;
const SKIP = skipUnless(...NEEDS);
/** Rows that exist before the stream; each update writes the next version, its place in its transaction, and how many rows that one has. */
const SCHEMA = TABLES.map(
  (table) => `
  CREATE TABLE ${table} (id int PRIMARY KEY, version int NOT NULL, place int, size int);
  INSERT INTO ${table} SELECT n, 0 FROM generate_series(1, ${KEYS}) n;`,
).join('');

/** Of the file; undefined where the tests are skipped. */
let servers: Servers;
serversForFile(SKIP, (started) => (servers = started));

/** Updates of random rows, in the order of their names, so that writers wait for one another and never for each other. */
function transaction(random: () => number): string {
  const rows = TABLES.flatMap((table) => Array.from({ length: KEYS }, (_, i) => ({ table, id: i + 1 })));
  const chosen = rows.filter(() => random() < 0.07);
  const size = chosen.length;
  const updates = chosen.map(
    ({ table, id }, i) => `UPDATE ${table} SET version = version + 1, place = ${i + 1}, size = ${size} WHERE id = ${id};`,
  );
  return updates.join(' ');
}

/** mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Row {
  readonly id: number;
  readonly version: number;
  readonly place: number;
  readonly size: number;
}

/** A transaction and the end of the log behind its commit. */
interface Written {
  readonly xid: number;
  readonly end: string;
}

/** Runs transactions one after the other; returns them in commit order. */
async function write(feed: Feed, seed: number, transactions: number): Promise<Written[]> {
  const random = randomOf(seed);
  const client = await servers.database.client(feed.name);
  const written: Written[] = [];
  for (let i = 0; i < transactions; i++) {
    const script = `BEGIN; ${transaction(random)} SELECT pg_current_xact_id()::text AS xid; COMMIT; SELECT pg_current_wal_insert_lsn()::text AS lsn`;
    const results = (await client.query(script)) as unknown as readonly QueryResult<{ xid?: string; lsn?: string }>[];
    const rows = results.flatMap((result) => result.rows);
    written.push({ xid: Number(rows.find(({ xid }) => xid !== undefined)!.xid), end: rows.at(-1)!.lsn! });
  }
  await client.end();
  return written;
}

/** Each key lives in one partition and its versions come one by one; each transaction has one `commit`, on its last row. */
function assertOrder(records: readonly ConsumedRecord[], versions: ReadonlyMap<string, number>): void {
  const seen = new Map<string, { version: number; partition: number }>();
  const commits = new Map<number, number>();
  for (const { partition, value } of records) {
    const { table, data, xid, commit } = JSON.parse(value!.toString()) as Message & { data: Row };
    const name = `${table} ${data.id}`;
    const last = seen.get(name) ?? { version: 0, partition };
    assert.equal(partition, last.partition, `${name} lives in one partition`);
    assert.equal(data.version, last.version + 1, `version of ${name} after ${last.version}`);
    seen.set(name, { version: last.version + 1, partition });
    assert.equal(commit === true, data.place === data.size, `row ${data.place} of ${data.size} of transaction ${xid}`);
    commits.set(xid, (commits.get(xid) ?? 0) + (commit === true ? 1 : 0));
  }
  assert.deepEqual(new Map([...seen].map(([name, { version }]) => [name, version])), versions);
  for (const [xid, count] of commits) assert.equal(count, 1, `commits of transaction ${xid}`);
}

/** The last version of each row that was ever changed. */
async function versionsOf(feed: Feed): Promise<Map<string, number>> {
  const select = TABLES.map((table) => `SELECT '${table} ' || id AS name, version FROM ${table} WHERE version > 0`).join(' UNION ALL ');
  return new Map((await feed.query<{ name: string; version: number }>(select)).map(({ name, version }) => [name, version]));
}

/** Messages of a partition that were produced and not acknowledged. */
async function waitingIn(feed: Feed, partition: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${feed.engine.httpPort}/metrics`)).text();
  const line = text
    .split('\n')
    .find((row) => row.startsWith('millrace_partition_in_flight_messages{') && row.includes(`partition="${partition}"`));
  return Number(line!.slice(line!.lastIndexOf(' ') + 1));
}

/** The stored position. */
async function storedPosition(feed: Feed): Promise<string> {
  const args = ['position', 'show', '--json', '--changefeed', feed.name, '--state-dir', feed.engine.stateDir];
  const { stdout } = await runCommand(args);
  return (JSON.parse(stdout) as { position: { parts: { lsn: string }[] } }).position.parts[0]!.lsn;
}

const sum = (versions: ReadonlyMap<string, number>) => [...versions.values()].reduce((total, version) => total + version, 0);

for (const workers of ['1', '3']) {
  describe(`order with ${workers} encoder threads`, { skip: SKIP }, () => {
    test('writers side by side: the versions of each key in order, one commit a transaction, on its last row', async (t) => {
      const feed = await servers.feed(t, { schema: SCHEMA, options: { WORKERS: workers }, partitions: PARTITIONS });
      await feed.engine.start();
      await Promise.all([1, 2, 3, 4].map((seed) => write(feed, seed, 150)));
      const versions = await versionsOf(feed);
      await feed.untilCount(sum(versions));
      await feed.engine.stop();
      assertOrder(await feed.records(), versions);
    });

    test('one partition stands still: the others go on, the checkpoint waits, readiness tells, and nothing is lost or out of order', async (t) => {
      const cluster = new MockCluster(3);
      t.after(() => cluster.close());
      const topic = servers.nextName;
      cluster.createTopic(topic, PARTITIONS, 1);
      for (let partition = 0; partition < PARTITIONS; partition++)
        cluster.setLeader(topic, partition, partition === STALLED ? 3 : 1 + (partition % 2));
      const options = { WORKERS: workers, BOOTSTRAP_SERVERS: cluster.bootstrapServers };
      const feed = await servers.feed(t, { schema: SCHEMA, options, partitions: 0 });
      await feed.engine.start();
      await write(feed, 5, 20);
      await feed.untilConfirmed();

      cluster.setBrokerDown(3);
      const written = await write(feed, 6, 150);
      const versions = await versionsOf(feed);
      const onlyOneWaits = async () => {
        const delivered = await feed.engine.metric('millrace_delivered_messages_total');
        const waiting = await waitingIn(feed, STALLED);
        return waiting > 0 && delivered + waiting === sum(versions);
      };
      await until(onlyOneWaits, {
        deadlineMs: 60_000,
        everyMs: 200,
        what: () => `all other partitions to be delivered:\n${feed.engine.tail()}`,
      });
      const readiness = async () => await (await fetch(`http://127.0.0.1:${feed.engine.httpPort}/ready`)).text();
      const named = async () => (await readiness()).includes(`${topic}/${STALLED}`);
      await until(named, { deadlineMs: 60_000, everyMs: 200, what: 'readiness to name the partition' });
      const held = [await storedPosition(feed), await feed.confirmed()];

      cluster.setBrokerUp(3);
      await feed.untilConfirmed(undefined, 90_000);
      await feed.engine.stop();
      const records = await consume({ bootstrapServers: cluster.bootstrapServers, topic });
      assertOrder(records, versions);
      const waited = new Set(
        records.filter(({ partition }) => partition === STALLED).map(({ value }) => (JSON.parse(value!.toString()) as Message).xid),
      );
      const { end } = written.find(({ xid }) => waited.has(xid))!;
      for (const lsn of held) {
        const [row] = await feed.query<{ behind: boolean }>(`SELECT '${lsn}'::pg_lsn < '${end}' AS behind`);
        assert.ok(row!.behind, `${lsn} lies before the first transaction that waits, which ends at ${end}`);
      }
    });
  });
}
