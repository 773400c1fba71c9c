import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { projectRoot } from '../support/paths.ts';
import { Prometheus } from '../support/prometheus.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { NEEDS, Stage, TOPIC } from './stage.ts';

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}

/** Every query of the dashboard as Grafana would send it. */
function queries(): { readonly title: string; readonly query: string }[] {
  const { panels } = JSON.parse(readFileSync(join(projectRoot, 'docs/monitoring/grafana.json'), 'utf8')) as Dashboard;
  return panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({ title, query: expr.replaceAll('$changefeed', '.*').replaceAll('$__rate_interval', '10s') })),
  );
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
    process.kill(engine.capturePid, 'SIGKILL');
    await until(async () => (await engine.metric('millrace_errors_total')) === 1 && (await engine.isReady()), {
      what: () => `another capture:\n${engine.tail()}`,
    });
    await database.query('CREATE TABLE stock (id int PRIMARY KEY)');

    let id = 1_000_000;
    let empty: string[] = [];
    const isFull = async () => {
      await database.query(`INSERT INTO orders SELECT i, 'more' FROM generate_series($1::int + 1, $1::int + 1000) AS i`, [id]);
      id += 1000;
      empty = [];
      for (const { title, query } of queries()) {
        if ((await prometheus.series(query, beginMs)).length === 0) empty.push(`${title}: ${query}`);
      }
      return empty.length === 0;
    };
    await until(isFull, { deadlineMs: 120_000, everyMs: 250, what: () => `series of ${empty.join('\n')}\n${engine.tail()}` });
    const partitions = await prometheus.series('millrace_partition_offset', beginMs);
    assert.deepEqual(
      partitions.map(({ topic, partition }) => `${topic} ${partition}`).sort(),
      [0, 1, 2, 3].map((partition) => `${TOPIC} ${partition}`),
    );
  });
});
