import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from '../../test/support/child.ts';
import { freePort } from '../../test/support/ports.ts';
import { PASSWORD, SUPERUSER } from '../../test/support/postgres-install.ts';
import { tempDir } from '../../test/support/temp.ts';
import type { BenchDatabase } from '../support/database.ts';
import { ObservedProcess } from '../support/observed-process.ts';
import { PUBLICATION } from '../support/orders.ts';

/** What a peer is started with; the slot exists, the topic too. */
export interface PeerSettings {
  readonly database: BenchDatabase;
  readonly slot: string;
  readonly bootstrapServers: string;
  readonly topic: string;
}

/** A peer that can be run here. */
export interface PeerProgram {
  readonly start: (settings: PeerSettings) => Promise<ObservedProcess>;
  /** The topic in which it puts the rows of `orders` when it is told `topic`. */
  readonly topicOf: (topic: string) => string;
  /** What it exits with on SIGTERM: 143 for a JVM. */
  readonly exitCode: number;
}

/** The program of a system, when the environment says where it is; null: only its recorded figures can be had. */
export function findPeerProgram(system: string): PeerProgram | null {
  const debezium = process.env['MILLRACE_BENCH_DEBEZIUM'];
  if (system === 'debezium' && debezium !== undefined) return debeziumServer(debezium);
  const goPqCdc = process.env['MILLRACE_BENCH_GO_PQ_CDC'];
  if (system === 'go-pq-cdc' && goPqCdc !== undefined) return goPqCdcKafka(goPqCdc);
  return null;
}

/** Settings that were the fastest of those tried, when the recorded figures were taken. */
const DEBEZIUM_JVM = ['-Xms4g', '-Xmx4g', '-XX:+UseParallelGC', '--add-opens', 'java.base/java.lang=ALL-UNNAMED'];

/**
 * Debezium Server, `home` being its unpacked distribution (Maven: io.debezium:debezium-server-dist, tar.gz). Versions from 3.0 on need
 * Java 21: `MILLRACE_BENCH_JAVA` names it when `java` is older.
 */
function debeziumServer(home: string): PeerProgram {
  return {
    start: async (settings) => {
      const directory = tempDir();
      mkdirSync(join(directory, 'config'));
      writeFileSync(join(directory, 'config/application.properties'), await debeziumProperties(directory, settings));
      const runner = readdirSync(home).find((name) => /^debezium-server-.*runner\.jar$/.test(name));
      if (runner === undefined) throw new Error(`${home} holds no debezium-server-*runner.jar`);
      const java = process.env['MILLRACE_BENCH_JAVA'] ?? 'java';
      const classPath = `${join(home, runner)}:${join(home, 'lib/*')}`;
      const parameters = [...DEBEZIUM_JVM, '-cp', classPath, 'io.debezium.server.Main'];
      return new ObservedProcess('Debezium Server', new Child(java, parameters, { log: join(directory, 'log'), cwd: directory }));
    },
    topicOf: (topic) => `${topic}.public.orders`,
    exitCode: 143,
  };
}

async function debeziumProperties(directory: string, settings: PeerSettings): Promise<string> {
  const { server, name } = settings.database;
  const sink = {
    type: 'kafka',
    'kafka.producer.bootstrap.servers': settings.bootstrapServers,
    'kafka.producer.key.serializer': 'org.apache.kafka.common.serialization.StringSerializer',
    'kafka.producer.value.serializer': 'org.apache.kafka.common.serialization.StringSerializer',
    'kafka.producer.linger.ms': 5,
    'kafka.producer.batch.size': 131_072,
    'kafka.producer.compression.type': 'lz4',
    'kafka.producer.buffer.memory': 134_217_728,
    'kafka.producer.acks': 'all',
  };
  const source = {
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'database.hostname': server.host,
    'database.port': server.port,
    'database.user': SUPERUSER,
    'database.password': PASSWORD,
    'database.dbname': name,
    'plugin.name': 'pgoutput',
    'slot.name': settings.slot,
    'publication.name': PUBLICATION,
    'publication.autocreate.mode': 'disabled',
    'table.include.list': 'public.orders',
    'offset.storage': 'org.apache.kafka.connect.storage.FileOffsetBackingStore',
    'offset.storage.file.filename': join(directory, 'offsets.dat'),
    'offset.flush.interval.ms': 1000,
    'topic.prefix': settings.topic,
    'record.processing.threads': 2,
    'tombstones.on.delete': false,
    'snapshot.mode': 'no_data',
  };
  const format = { 'key.schemas.enable': false, 'value.schemas.enable': false, key: 'json', value: 'json' };
  const lines = [
    `quarkus.http.host=127.0.0.1`,
    `quarkus.http.port=${await freePort()}`,
    ...Object.entries(format).map(([key, value]) => `debezium.format.${key}=${value}`),
    ...Object.entries(sink).map(([key, value]) => `debezium.sink.${key}=${value}`),
    ...Object.entries(source).map(([key, value]) => `debezium.source.${key}=${value}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** go-pq-cdc-kafka; `binary` is built from `bench/peers/go-pq-cdc`. */
function goPqCdcKafka(binary: string): PeerProgram {
  return {
    start: async ({ database, slot, bootstrapServers, topic }) => {
      const log = join(tempDir(), 'log');
      const where = ['-port', String(database.server.port), '-user', SUPERUSER, '-password', PASSWORD, '-database', database.name];
      const what = ['-publication', PUBLICATION, '-slot', slot, '-brokers', bootstrapServers, '-topic', topic];
      const child = new Child(binary, [...where, ...what, '-metric-port', String(await freePort())], { log });
      return new ObservedProcess('go-pq-cdc', child);
    },
    topicOf: (topic) => topic,
    exitCode: 0,
  };
}
