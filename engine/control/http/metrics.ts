import type * as PromClient from 'prom-client';
import type { CaptureStats, PartitionStats } from '../messages.ts';
import type { Totals } from '../capture-watch.ts';
import type { Supervisor } from '../supervisor.ts';
import type { ChangefeedState } from '../changefeed.ts';
import { healthOf } from './health.ts';

type Prometheus = typeof PromClient;
type Registry = PromClient.Registry;
type Read = (stats: CaptureStats | null) => number | null;

/** Metrics with one value for each changefeed. A gauge that is not known at the moment is left out, never shown as 0. */
const COUNTERS: readonly (readonly [name: string, help: string, read: (totals: Totals) => number])[] = [
  ['millrace_rows_total', 'Rows read from the source and dispatched.', (totals) => totals.rows],
  ['millrace_truncates_total', 'TRUNCATEs of selected tables; they make no message.', (totals) => totals.truncates],
  ['millrace_delivered_messages_total', 'Messages acknowledged by Kafka.', (totals) => totals.delivered],
  ['millrace_delivered_bytes_total', 'Key and value bytes acknowledged by Kafka.', (totals) => totals.deliveredBytes],
  ['millrace_failed_messages_total', 'Messages whose delivery failed; a restart sends them again.', (totals) => totals.failed],
  ['millrace_checkpoint_stores_total', 'Checkpoints stored.', (totals) => totals.stores],
  ['millrace_source_received_bytes_total', "Bytes of the source's log that were received.", (totals) => totals.receivedBytes],
  ['millrace_source_transactions_total', 'Transactions read.', (totals) => totals.transactions],
  ['millrace_source_reconnects_total', 'Connections to the source made again.', (totals) => totals.reconnects],
];

const GAUGES: readonly (readonly [name: string, help: string, read: Read])[] = [
  [
    'millrace_lag_seconds',
    "Database's clock minus the commit time of the oldest unacknowledged transaction.",
    (stats) => stats?.lagSeconds ?? null,
  ],
  ['millrace_lag_bytes', "Log between the server's end and what was read.", (stats) => stats?.source.lagBytes ?? null],
  ['millrace_in_flight_messages', 'Messages given to the producer without a report yet.', (stats) => stats?.inFlight ?? null],
  [
    'millrace_epochs_open',
    'Epochs that are not delivered yet, the one that is being filled included.',
    (stats) => stats?.epochsOpen ?? null,
  ],
  [
    'millrace_checkpoint_age_seconds',
    'Age of the oldest epoch that is not stored; 0 when all is.',
    (stats) => seconds(stats?.checkpoint.behindMs),
  ],
  ['millrace_source_connected', '1 while the connection to the source stands.', (stats) => flag(stats?.source.connected)],
  ['millrace_source_stalled', '1 while the source waits for room in a ring.', (stats) => flag(stats?.source.stalled)],
  ['millrace_source_silent_seconds', 'Time since anything came from the source.', (stats) => seconds(stats?.source.silentMs)],
  // Left out when no snapshot is being read.
  ['millrace_snapshot_rows', 'Rows read of the snapshot.', (stats) => stats?.snapshot?.rows ?? null],
  [
    'millrace_snapshot_ratio',
    'Share of the snapshot that is done, 0 to 1, by estimates of rows.',
    (stats) => share(stats?.snapshot?.percent),
  ],
  [
    'millrace_snapshot_left_seconds',
    'Time that the snapshot will still take, by estimates of rows.',
    (stats) => stats?.snapshot?.secondsLeft ?? null,
  ],
  ['millrace_snapshot_held_bytes', 'Log that the slot makes the server keep meanwhile.', (stats) => stats?.snapshot?.heldBytes ?? null],
];

const PARTITION_METRICS: readonly (readonly [
  kind: 'Gauge' | 'Counter',
  name: string,
  help: string,
  read: (partition: PartitionStats) => number,
])[] = [
  ['Gauge', 'millrace_partition_offset', 'Last acknowledged offset + 1.', (partition) => partition.offset],
  ['Gauge', 'millrace_partition_in_flight_messages', 'Messages without a report yet.', (partition) => partition.inFlight],
  ['Counter', 'millrace_partition_delivered_messages_total', 'Messages acknowledged.', (partition) => partition.delivered],
  ['Counter', 'millrace_partition_delivered_bytes_total', 'Key and value bytes acknowledged.', (partition) => partition.deliveredBytes],
];

const STATES: readonly ChangefeedState[] = ['normal', 'warning', 'failed', 'stopped', 'finished'];

/** Makes the function that answers a scrape, in Prometheus' text format. Loads prom-client (11 MB), so it is called by the first scrape. */
export async function createMetrics(supervisor: Supervisor, changefeed: string, now: () => number): Promise<() => Promise<string>> {
  const prometheus = await import('prom-client');
  const registry = new prometheus.Registry();
  const { watch } = supervisor;
  const registers = [registry];
  const labels = { changefeed };
  for (const [name, help, read] of COUNTERS) {
    new prometheus.Counter({
      name,
      help,
      labelNames: ['changefeed'],
      registers,
      collect() {
        this.reset();
        this.inc(labels, read(watch.totals()));
      },
    });
  }
  for (const [name, help, read] of GAUGES) {
    new prometheus.Gauge({
      name,
      help,
      labelNames: ['changefeed'],
      registers,
      collect() {
        this.reset();
        const value = read(watch.stats);
        if (value !== null) this.set(labels, value);
      },
    });
  }
  addLifeMetrics(prometheus, registry, supervisor, changefeed, now);
  addSnapshotMetrics(prometheus, registry, supervisor, changefeed);
  addRingMetrics(prometheus, registry, supervisor, changefeed);
  addPartitionMetrics(prometheus, registry, supervisor, changefeed);
  return () => registry.metrics();
}

function addLifeMetrics(prometheus: Prometheus, registry: Registry, supervisor: Supervisor, changefeed: string, now: () => number): void {
  const registers = [registry];
  new prometheus.Gauge({
    name: 'millrace_ready',
    help: '1 when /ready answers 200.',
    labelNames: ['changefeed'],
    registers,
    collect() {
      this.set({ changefeed }, healthOf(supervisor.status, supervisor.watch, now()).ready ? 1 : 0);
    },
  });
  new prometheus.Gauge({
    name: 'millrace_changefeed_state',
    help: '1 for the state that the changefeed is in.',
    labelNames: ['changefeed', 'state'],
    registers,
    collect() {
      for (const state of STATES) this.set({ changefeed, state }, supervisor.status.state === state ? 1 : 0);
    },
  });
  new prometheus.Counter({
    name: 'millrace_capture_restarts_total',
    help: 'Restarts of the capture process.',
    labelNames: ['changefeed'],
    registers,
    collect() {
      this.reset();
      this.inc({ changefeed }, supervisor.status.restarts);
    },
  });
}

function addSnapshotMetrics(prometheus: Prometheus, registry: Registry, supervisor: Supervisor, changefeed: string): void {
  const registers = [registry];
  new prometheus.Gauge({
    name: 'millrace_snapshot_table_ratio',
    help: 'Share of a table of the snapshot that is done, 0 to 1.',
    labelNames: ['changefeed', 'table'],
    registers,
    collect() {
      this.reset();
      for (const { table, percent } of supervisor.watch.stats?.snapshot?.tables ?? []) this.set({ changefeed, table }, percent / 100);
    },
  });
}

function addRingMetrics(prometheus: Prometheus, registry: Registry, supervisor: Supervisor, changefeed: string): void {
  new prometheus.Gauge({
    name: 'millrace_ring_fill_ratio',
    help: 'Share of the ring of a worker that is in use, 0 to 1.',
    labelNames: ['changefeed', 'worker'],
    registers: [registry],
    collect() {
      this.reset();
      supervisor.watch.stats?.ringFill.forEach((fill, worker) => this.set({ changefeed, worker: String(worker) }, fill));
    },
  });
}

/** The counters begin again with each capture process, as Prometheus expects of counters. */
function addPartitionMetrics(prometheus: Prometheus, registry: Registry, supervisor: Supervisor, changefeed: string): void {
  for (const [kind, name, help, read] of PARTITION_METRICS) {
    new prometheus[kind]({
      name,
      help,
      labelNames: ['changefeed', 'topic', 'partition'],
      registers: [registry],
      collect() {
        this.reset();
        for (const partition of supervisor.watch.stats?.partitions ?? []) {
          this.inc({ changefeed, topic: partition.topic, partition: String(partition.partition) }, read(partition));
        }
      },
    });
  }
}

function seconds(ms: number | undefined): number | null {
  return ms === undefined ? null : ms / 1000;
}

/** Of percent. */
function share(percent: number | undefined): number | null {
  return percent === undefined ? null : percent / 100;
}

function flag(value: boolean | undefined): number | null {
  return value === undefined ? null : Number(value);
}
