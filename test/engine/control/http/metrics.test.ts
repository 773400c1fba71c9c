import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { DEAD_LETTER_REASONS } from '../../../../engine/change/dead-letter.ts';
import { renderMetrics } from '../../../../engine/control/http/metrics.ts';
import { skipUnless } from '../../../support/skip.ts';
import { until } from '../../../support/wait.ts';
import { finished, ready, streaming, untilStopped, type Scene } from '../stage.ts';
import type { Step } from '../stand-in-capture.ts';
import { READ, SNAPSHOT, statsOf } from '../support.ts';
import { serviceOf, shop } from './support.ts';

const STATS: Step = {
  send: {
    type: 'stats',
    stats: statsOf({
      rows: 1000,
      truncates: 1,
      delivered: 900,
      deliveredBytes: 378_000,
      inFlight: 100,
      lagSeconds: 0.25,
      oldestCommitMs: 1_700_000_000_500,
      producer: { queueFill: 0.25, throttled: true, throttledMs: 1500 },
      ringFill: [0.5, 0.125],
      epochsOpen: 2,
      partitions: [
        { topic: 'orders', partition: 0, offset: 5000, delivered: 500, deliveredBytes: 200_000, inFlight: 60, lag: 70 },
        { topic: 'orders', partition: 1, offset: 4000, delivered: 400, deliveredBytes: 178_000, inFlight: 40, lag: 45 },
      ],
      checkpoint: { position: '0/AB', stores: 7, behindMs: 1500 },
      source: {
        position: '0/1A2B400',
        connected: true,
        silentMs: 20,
        stalled: false,
        clockAheadMs: 0,
        heldBytes: 70_000,
        spareBytes: 900_000,
        lagBytes: 4096,
        lagTransactions: 12,
        log: { file: 'binlog.000123', fileNumber: 123, offset: 4567, gtid: '0-1-9', keptBytes: 1_000_000, expireSeconds: 864_000 },
        receivedBytes: 210_000,
        transactions: 10,
        reconnects: 2,
      },
    }),
  },
};

const WARNING: Step = { send: { type: 'warning', code: 'TOPIC', message: 'a topic', details: {} } };

function ofPartitions(name: string, ...values: readonly number[]): string[] {
  return values.map((value, partition) => `${name}{changefeed="shop",topic="orders",partition="${partition}"} ${value}`);
}

/** The samples of one scrape, without help and type. */
function scrape(scene: Scene): string[] {
  const text = renderMetrics(serviceOf(scene));
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('metrics', () => {
  it('have the names that operators build on', async (t) => {
    const scene = shop(t, [[ready, WARNING, WARNING, STATS, { awaitStop: true }, finished, { exit: 0 }]]);
    void scene.supervisor.run();
    await until(() => scene.supervisor.watch.stats, { what: 'statistics' });
    const samples = scrape(scene);
    const isMeasured = (sample: string) => /^millrace_(thread|process|partition_throughput)_/.test(sample);
    assert.deepEqual(
      samples.filter((sample) => !isMeasured(sample)),
      [
        'millrace_ready{changefeed="shop"} 1',
        'millrace_changefeed_state{changefeed="shop",state="normal"} 1',
        'millrace_changefeed_state{changefeed="shop",state="warning"} 0',
        'millrace_changefeed_state{changefeed="shop",state="failed"} 0',
        'millrace_changefeed_state{changefeed="shop",state="stopped"} 0',
        'millrace_changefeed_state{changefeed="shop",state="finished"} 0',
        'millrace_capture_restarts_total{changefeed="shop"} 0',
        'millrace_warnings_total{changefeed="shop",code="TOPIC"} 2',
        'millrace_rows_total{changefeed="shop"} 1000',
        'millrace_truncates_total{changefeed="shop"} 1',
        'millrace_delivered_messages_total{changefeed="shop"} 900',
        'millrace_delivered_bytes_total{changefeed="shop"} 378000',
        'millrace_failed_messages_total{changefeed="shop"} 0',
        // From 0 on, or the first one would be no increase.
        ...DEAD_LETTER_REASONS.map((reason) => `millrace_dead_letters_total{changefeed="shop",reason="${reason}"} 0`),
        'millrace_producer_queue_fill_ratio{changefeed="shop"} 0.25',
        'millrace_producer_throttled{changefeed="shop"} 1',
        'millrace_producer_throttled_seconds_total{changefeed="shop"} 1.5',
        'millrace_in_flight_messages{changefeed="shop"} 100',
        'millrace_ring_fill_ratio{changefeed="shop",worker="0"} 0.5',
        'millrace_ring_fill_ratio{changefeed="shop",worker="1"} 0.125',
        'millrace_lag_seconds{changefeed="shop"} 0.25',
        'millrace_lag_bytes{changefeed="shop"} 4096',
        'millrace_lag_transactions{changefeed="shop"} 12',
        'millrace_log_file_number{changefeed="shop"} 123',
        'millrace_log_offset_bytes{changefeed="shop"} 4567',
        'millrace_oldest_unacknowledged_timestamp_seconds{changefeed="shop"} 1700000000.5',
        'millrace_epochs_open{changefeed="shop"} 2',
        'millrace_checkpoint_age_seconds{changefeed="shop"} 1.5',
        'millrace_checkpoint_stores_total{changefeed="shop"} 7',
        'millrace_source_connected{changefeed="shop"} 1',
        'millrace_source_stalled{changefeed="shop"} 0',
        'millrace_source_silent_seconds{changefeed="shop"} 0.02',
        'millrace_source_received_bytes_total{changefeed="shop"} 210000',
        'millrace_source_transactions_total{changefeed="shop"} 10',
        'millrace_source_reconnects_total{changefeed="shop"} 2',
        'millrace_slot_held_bytes{changefeed="shop"} 70000',
        'millrace_slot_spare_bytes{changefeed="shop"} 900000',
        'millrace_log_kept_bytes{changefeed="shop"} 1000000',
        'millrace_log_expire_seconds{changefeed="shop"} 864000',
        'millrace_reads_open{changefeed="shop"} 0',
        ...ofPartitions('millrace_partition_offset', 5000, 4000),
        ...ofPartitions('millrace_partition_lag_rows', 70, 45),
        ...ofPartitions('millrace_partition_in_flight_messages', 60, 40),
        ...ofPartitions('millrace_partition_delivered_messages_total', 500, 400),
        ...ofPartitions('millrace_partition_delivered_bytes_total', 200_000, 178_000),
      ],
    );
    const measured = samples.filter(isMeasured).map((sample) => sample.replace(/id="\d+"/, 'id="N"').replace(/ \S+$/, ''));
    for (const series of [
      'millrace_partition_throughput_messages_per_second{changefeed="shop",topic="orders",partition="1"}',
      'millrace_thread_cpu_seconds_total{changefeed="shop",process="supervisor",thread="main",id="N"}',
      'millrace_thread_cpu_seconds_total{changefeed="shop",process="capture",thread="main",id="N"}',
      'millrace_process_resident_memory_bytes{changefeed="shop",process="supervisor"}',
      'millrace_process_resident_memory_bytes{changefeed="shop",process="capture"}',
    ]) {
      assert.ok(measured.includes(series), series);
    }
  });

  it('leave gauges out that are not known, and keep counters', async (t) => {
    const samples = scrape(shop(t, []));
    assert.ok(samples.includes('millrace_rows_total{changefeed="shop"} 0'));
    assert.ok(samples.includes('millrace_ready{changefeed="shop"} 0'));
    for (const gauge of ['millrace_lag_seconds', 'millrace_ring_fill_ratio', 'millrace_partition_offset']) {
      assert.ok(!samples.some((sample) => sample.startsWith(gauge)), gauge);
    }
  });

  it('count over restarts, and count restarts', async (t) => {
    const scene = shop(t, [
      [ready, STATS, { exit: 1 }],
      [ready, STATS, { awaitStop: true }, finished, { exit: 0 }],
    ]);
    void scene.supervisor.run();
    await until(() => scene.supervisor.watch.totals().rows === 2000, { what: 'both lives to be counted' });
    await streaming(scene);
    const samples = scrape(scene);
    assert.ok(samples.includes('millrace_rows_total{changefeed="shop"} 2000'));
    assert.ok(samples.includes('millrace_capture_restarts_total{changefeed="shop"} 1'));
    assert.ok(samples.includes('millrace_in_flight_messages{changefeed="shop"} 100'));
    assert.ok(samples.includes('millrace_errors_total{changefeed="shop",code="CAPTURE_DIED"} 1'));
  });

  it('are told apart by changefeed, and the supervisor counts once', async (t) => {
    const scenes = [
      shop(t, [[ready, STATS, ...untilStopped.slice(1)]]),
      shop(t, [untilStopped], { MILLRACE_CHANGEFEED: 'stock' }),
    ] as const;
    for (const { supervisor } of scenes) void supervisor.run();
    await until(() => scenes[0].supervisor.watch.stats, { what: 'statistics' });
    await streaming(scenes[1]);
    const samples = renderMetrics(serviceOf(...scenes))
      .split('\n')
      .filter((line) => /^millrace_(rows_total|ready|process_resident)/.test(line));
    assert.deepEqual(
      samples.map((sample) => sample.replace(/ \d+$/, (value) => (sample.includes('resident') ? '' : value))),
      [
        'millrace_ready{changefeed="shop"} 1',
        'millrace_ready{changefeed="stock"} 1',
        'millrace_rows_total{changefeed="shop"} 1000',
        'millrace_rows_total{changefeed="stock"} 0',
        'millrace_process_resident_memory_bytes{changefeed="",process="supervisor"}',
        'millrace_process_resident_memory_bytes{changefeed="shop",process="capture"}',
        'millrace_process_resident_memory_bytes{changefeed="stock",process="capture"}',
      ],
    );
  });
});

describe('what metrics look like', () => {
  it('all have a help text and a unit or kind at the end of their name', async (t) => {
    const scene = shop(t, []);
    const text = renderMetrics(serviceOf(scene));
    const helps = [...text.matchAll(/^# HELP (\S+) (.*)$/gm)];
    assert.ok(helps.length >= 20);
    for (const [, name, help] of helps) {
      assert.match(
        name!,
        /^millrace_(.*_)?(total|seconds|bytes|messages|rows|transactions|number|open|ratio|offset|connected|stalled|throttled|ready|state|per_second)$/,
      );
      assert.ok(help!.endsWith('.'), name);
    }
    for (const [, name, type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) assert.equal(type === 'counter', name!.endsWith('_total'), name);
  });

  it('are as the linter of Prometheus wants them', { skip: skipUnless('promtool') }, async (t) => {
    const stats: Step = { send: { type: 'stats', stats: statsOf({ snapshot: SNAPSHOT }) } };
    const scene = shop(t, [
      [ready, WARNING, STATS, { exit: 1 }],
      [ready, STATS, stats, { awaitStop: true }, finished, { exit: 0 }],
    ]);
    void scene.supervisor.run();
    await until(() => scene.supervisor.watch.stats?.snapshot, { what: 'statistics of a snapshot' });
    const text = renderMetrics(serviceOf(scene));
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    assert.deepEqual([status, stdout, stderr], [0, '', '']);
  });

  it('of a snapshot are there while one is read', async (t) => {
    const stats: Step = { send: { type: 'stats', stats: statsOf({ snapshot: SNAPSHOT }) } };
    const scene = shop(t, [[ready, stats, { awaitStop: true }, finished, { exit: 0 }]]);
    void scene.supervisor.run();
    await until(() => scene.supervisor.watch.stats, { what: 'statistics' });
    assert.deepEqual(
      scrape(scene).filter((line) => line.includes('snapshot')),
      [
        'millrace_snapshot_rows{changefeed="shop"} 1000',
        'millrace_snapshot_ratio{changefeed="shop"} 0.125',
        'millrace_snapshot_left_seconds{changefeed="shop"} 70',
        'millrace_snapshot_held_bytes{changefeed="shop"} 4000000',
        'millrace_snapshot_table_ratio{changefeed="shop",table="public.orders"} 0.1',
        'millrace_snapshot_table_ratio{changefeed="shop",table="public.stock"} 1',
      ],
    );
  });

  it('of a table that is read beside the stream are there until it is', async (t) => {
    const reads = [
      READ,
      { ...READ, id: 'b2', state: 'waiting', rows: 0, chunksDone: 0, chunks: 0 },
      { ...READ, id: 'c3', state: 'done' },
    ] as const;
    const scene = shop(t, [[ready, { send: { type: 'stats', stats: statsOf({ reads }) } }, ...untilStopped.slice(1)]]);
    void scene.supervisor.run();
    await until(() => scene.supervisor.watch.stats, { what: 'statistics' });
    assert.deepEqual(
      scrape(scene).filter((line) => line.includes('_read')),
      [
        'millrace_ready{changefeed="shop"} 1',
        'millrace_reads_open{changefeed="shop"} 2',
        'millrace_read_rows{changefeed="shop",table="public.orders",read="a1"} 10',
        'millrace_read_rows{changefeed="shop",table="public.orders",read="b2"} 0',
        'millrace_read_ratio{changefeed="shop",table="public.orders",read="a1"} 0.25',
        'millrace_read_ratio{changefeed="shop",table="public.orders",read="b2"} 0',
      ],
    );
  });
});
