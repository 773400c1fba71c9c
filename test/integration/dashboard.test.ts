import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Millrace } from '../support/millrace.ts';
import { projectRoot } from '../support/paths.ts';
import { Prometheus } from '../support/prometheus.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { BinlogStage } from './binlog-stage.ts';
import { NEEDS, Stage, TOPIC } from './stage.ts';

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}

interface Query {
  readonly title: string;
  readonly query: string;
}

/** What only PostgreSQL has, and what only MariaDB and MySQL have. */
const OF_POSTGRES = /millrace_(?:slot|snapshot)_/;
const OF_BINLOG = /millrace_(?:log_|lag_transactions)/;

/** Every query of the dashboard as Grafana would send it, but for those that match `without`. */
function queries(without: RegExp): Query[] {
  const { panels } = JSON.parse(readFileSync(join(projectRoot, 'docs/monitoring/grafana.json'), 'utf8')) as Dashboard;
  const all = panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({ title, query: expr.replaceAll('$changefeed', '.*').replaceAll('$__rate_interval', '10s') })),
  );
  return all.filter(({ query }) => !without.test(query));
}

interface Watched {
  readonly prometheus: Prometheus;
  readonly beginMs: number;
  readonly engine: Millrace;
}

/** Waits until every query has a series; writes meanwhile. */
async function untilFull({ prometheus, beginMs, engine }: Watched, wanted: readonly Query[], write: () => Promise<unknown>): Promise<void> {
  let empty: string[] = [];
  const isFull = async () => {
    await write();
    empty = [];
    for (const { title, query } of wanted) {
      if ((await prometheus.series(query, beginMs)).length === 0) empty.push(`${title}: ${query}`);
    }
    return empty.length === 0;
  };
  await until(isFull, { deadlineMs: 120_000, everyMs: 250, what: () => `series of ${empty.join('\n')}\n${engine.tail()}` });
}

/** Kills a capture, so that there are errors, and waits for the next one. */
async function crash(engine: Millrace): Promise<void> {
  process.kill(engine.capturePid, 'SIGKILL');
  await until(async () => (await engine.metric('millrace_errors_total')) === 1 && (await engine.isReady()), {
    what: () => `another capture:\n${engine.tail()}`,
  });
}

describe('the dashboard', { skip: skipUnless(...NEEDS, 'prometheus') }, () => {
  it('has no query without a series, for a changefeed that has seen everything', async (t) => {
    const beginMs = Date.now();
    const stage = await Stage.set(t, {
      schema: `CREATE TABLE orders (id int PRIMARY KEY, note text);
        INSERT INTO orders SELECT i, repeat('note ', 20) FROM generate_series(1, 1000000) AS i`,
      postgres: { max_slot_wal_keep_size: '1GB' },
      options: { SYNC_MODE: 'FULL + INCREMENTAL', CHANGEFEED: 'shop' },
    });
    const { engine, database, broker } = stage;
    const prometheus = await Prometheus.start(`127.0.0.1:${engine.httpPort}`);
    t.after(() => prometheus.stop());
    // Tables are read first, then the stream is; then its capture dies, and a table appears.
    const started = engine.start();
    await until(() => engine.log().includes('reading what is in the tables'), {
      everyMs: 5,
      what: () => `the snapshot:\n${engine.tail()}`,
    });
    // It would be over between two scrapes.
    broker.pause();
    await until(async () => (await prometheus.series('millrace_snapshot_table_ratio', beginMs)).length > 0, { what: 'a scrape of it' });
    broker.resume();
    await started;
    await stage.untilCount(1_000_000);
    await until(async () => (await prometheus.series('millrace_slot_held_bytes', beginMs)).length > 0, { what: 'the stream' });
    await crash(engine);
    await database.query('CREATE TABLE stock (id int PRIMARY KEY)');

    let id = 1_000_000;
    await untilFull({ prometheus, beginMs, engine }, queries(OF_BINLOG), async () => {
      await database.query(`INSERT INTO orders SELECT i, 'more' FROM generate_series($1::int + 1, $1::int + 1000) AS i`, [id]);
      id += 1000;
    });
    const partitions = await prometheus.series('millrace_partition_offset', beginMs);
    assert.deepEqual(
      partitions.map(({ topic, partition }) => `${topic} ${partition}`).sort(),
      [0, 1, 2, 3].map((partition) => `${TOPIC} ${partition}`),
    );
  });

  it('has none for a changefeed of MariaDB either', { skip: skipUnless('mariadb') }, async (t) => {
    const beginMs = Date.now();
    const stage = await BinlogStage.set(t, {
      flavor: 'mariadb',
      schema: 'CREATE TABLE orders (id int PRIMARY KEY AUTO_INCREMENT, note text)',
      // A start warns of the latter.
      settings: { 'binlog-expire-logs-seconds': 604_800, 'binlog-checksum': 'NONE' },
      partitions: 4,
    });
    const { engine } = stage;
    const prometheus = await Prometheus.start(`127.0.0.1:${engine.httpPort}`);
    t.after(() => prometheus.stop());
    await engine.start();
    await crash(engine);
    const write = () => stage.query("INSERT INTO orders (note) SELECT 'more' FROM seq_1_to_1000");
    await untilFull({ prometheus, beginMs, engine }, queries(OF_POSTGRES), write);
  });
});
