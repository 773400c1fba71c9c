import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from './child.ts';
import { removeNow } from './cleanup.ts';
import * as admin from './kafka-admin.ts';
import { kafkaJars } from './jars.ts';
import {
  KAFKA_USER,
  listenerProperties,
  nodeProperties,
  SECOND_NODE,
  secondNode,
  SECURE_LISTENER,
  writeLogging,
  writeProperties,
  type KafkaListener,
  type KafkaSettings,
} from './kafka-properties.ts';
import { cachedDirectory } from './paths.ts';
import { accepts, freePort, onFreePorts } from './ports.ts';
import { run } from './run.ts';
import { tempDir } from './temp.ts';
import { until } from './wait.ts';

export interface KafkaOptions {
  /** Added to, or put in place of, `nodeProperties`. */
  readonly settings?: KafkaSettings;
  /** Opens a second listener, SASL_SSL with PLAIN and SCRAM-SHA-512 for `KAFKA_USER`; its certificate is that of `certificates()`. */
  readonly secure?: boolean;
  /** More listeners, by their names. */
  readonly listeners?: Readonly<Record<string, KafkaListener>>;
  /** The one node of a cluster, which this becomes the second broker of. */
  readonly joins?: KafkaServer;
  /** Options of the JVM in place of the default, which is small and starts fast, and is no measure of a broker's speed. */
  readonly jvm?: readonly string[];
}

/** Options of the JVM: small, and starts fast. */
export const SMALL_JVM = ['-Xmx512m', '-Xms128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
const CLASS_PATH = ['-cp', `${kafkaJars}/*`];
const CLUSTER_ID = 'MkU3OEVBNTcwNTJENDM2Qk';
/** Names within a prepared directory or a broker's own. */
const DATA = 'data';
const CLASSES = 'classes.jsa';
const PROPERTIES = 'server.properties';
const LOGGING = 'log4j2.properties';
/** Name of the listener that `secure` asks for. */
const SECURE = 'SECURE';

/** Starts Apache Kafka, one KRaft node. It is killed and removed at the latest when this process ends. */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaServer> {
  const prepared = await preparedDirectory();
  return await onFreePorts(async () => {
    const server = await configure(prepared, [`-XX:SharedArchiveFile=${join(prepared, CLASSES)}`], options);
    await server.start();
    return server;
  });
}

/**
 * What is the same for every broker, made once: a formatted data directory, which holds neither ports nor paths, and an
 * archive of the loaded classes, with which the JVM starts in two thirds of the time.
 */
async function preparedDirectory(): Promise<string> {
  const release = readFileSync(join(kafkaJars, 'pom.sha256'), 'utf8').slice(0, 8);
  return await cachedDirectory(`kafka/prepared-${release}`, async (path) => {
    await format(join(path, DATA));
    const server = await configure(path, [`-XX:ArchiveClassesAtExit=${join(path, CLASSES)}`], {});
    await server.start();
    await server.stop();
    await server.destroy();
  });
}

async function format(dataDir: string): Promise<void> {
  const file = join(tempDir(undefined, 'millrace-kafka-format-'), PROPERTIES);
  writeProperties(file, nodeProperties(dataDir, 9092, 9093));
  const scram = `SCRAM-SHA-512=[name=${KAFKA_USER.name},password=${KAFKA_USER.password}]`;
  const args = ['format', '--cluster-id', CLUSTER_ID, '--config', file, '--add-scram', scram];
  await run('java', [...SMALL_JVM, ...CLASS_PATH, 'kafka.tools.StorageTool', ...args]);
}

/** A stopped broker with directory, ports and settings of its own. */
async function configure(prepared: string, jvm: readonly string[], options: KafkaOptions): Promise<KafkaServer> {
  const base = tempDir(undefined, 'millrace-kafka-');
  const dataDir = join(base, DATA);
  await run('cp', ['-a', join(prepared, DATA), dataDir]);
  const port = await freePort();
  const wanted = { ...(options.secure === true ? { [SECURE]: SECURE_LISTENER } : {}), ...options.listeners };
  const listeners = [];
  for (const [name, listener] of Object.entries(wanted)) listeners.push({ ...listener, name, port: await freePort() });
  const controllerPort = options.joins?.controllerPort ?? (await freePort());
  const alone = nodeProperties(dataDir, port, controllerPort);
  const node = options.joins === undefined ? alone : secondNode(alone, port);
  if (options.joins !== undefined) renameNode(join(dataDir, 'meta.properties'));
  const security = listeners.length === 0 ? {} : await listenerProperties(base, node, listeners);
  writeProperties(join(base, PROPERTIES), { ...node, ...security, ...options.settings });
  writeLogging(join(base, LOGGING));
  const addresses = Object.fromEntries(listeners.map(({ name, host, port: own }) => [name, `${host ?? '127.0.0.1'}:${own}`]));
  return new KafkaServer(base, { port, controllerPort, listeners: addresses }, [...(options.jvm ?? SMALL_JVM), ...jvm]);
}

/** What a formatted directory says of its node. A directory without an id of its own gets one. */
function renameNode(file: string): void {
  const lines = readFileSync(file, 'utf8').split('\n');
  const kept = lines.filter((line) => !line.startsWith('directory.id='));
  writeFileSync(file, kept.join('\n').replace('node.id=1', `node.id=${SECOND_NODE}`));
}

interface Places {
  readonly port: number;
  readonly controllerPort: number;
  /** Addresses of the other listeners by their names. */
  readonly listeners: Readonly<Record<string, string>>;
}

/** A running (or stopped) broker of `startKafka`. */
export class KafkaServer {
  readonly port: number;
  readonly controllerPort: number;
  /** Plain text, no login. */
  readonly bootstrapServers: string;
  /** SASL_SSL; null unless `secure` was asked for. */
  readonly secureBootstrapServers: string | null;
  readonly dataDir: string;
  readonly logFile: string;
  readonly #base: string;
  readonly #addresses: Readonly<Record<string, string>>;
  readonly #jvm: readonly string[];
  #child: Child | null = null;

  constructor(base: string, { port, controllerPort, listeners }: Places, jvm: readonly string[]) {
    this.port = port;
    this.controllerPort = controllerPort;
    this.bootstrapServers = `127.0.0.1:${port}`;
    this.secureBootstrapServers = listeners[SECURE] ?? null;
    this.dataDir = join(base, DATA);
    this.logFile = join(base, 'log');
    this.#base = base;
    this.#addresses = listeners;
    this.#jvm = jvm;
  }

  /** Where a listener of the options is reached. */
  addressOf(listener: string): string {
    const address = this.#addresses[listener];
    if (address === undefined) throw new Error(`the broker has no listener ${listener}`);
    return address;
  }

  /** Of the JVM, a direct child of this process. */
  get pid(): number {
    if (this.#child === null) throw new Error('the broker is stopped');
    return this.#child.pid;
  }

  /** Starts a stopped or killed broker on the same ports and data; returns when it accepts connections. */
  async start(): Promise<void> {
    if (this.#child !== null && this.#child.exit === null) throw new Error('the broker runs already');
    const logging = `-Dlog4j2.configurationFile=${join(this.#base, 'log4j2.properties')}`;
    const args = [...this.#jvm, logging, ...CLASS_PATH, 'kafka.Kafka', join(this.#base, 'server.properties')];
    const child = new Child('java', args, { log: this.logFile, cwd: this.#base });
    this.#child = child;
    const ready = async () => child.exit !== null || (await accepts(this.port));
    await until(ready, { deadlineMs: 90_000, everyMs: 50, what: () => `Kafka to start:\n${child.logTail()}` });
    if (child.exit !== null) throw new Error(`Kafka ended at once:\n${child.logTail()}`);
  }

  /** Shuts the broker down in order and waits for its end (60 s). The data stays, for `start`. */
  async stop(): Promise<void> {
    this.resume();
    await this.#child?.wait('SIGTERM', 60_000);
  }

  /** Kills the broker with SIGKILL and waits for its end. */
  async kill9(): Promise<void> {
    await this.#child?.wait('SIGKILL', 10_000);
  }

  /** Freezes the broker: connections stay open, nothing is answered. */
  pause(): void {
    this.#child?.signal('SIGSTOP');
  }

  /** The inverse of `pause`. */
  resume(): void {
    this.#child?.signal('SIGCONT');
  }

  /** Ends the broker for good and removes its data. */
  async destroy(): Promise<void> {
    await this.kill9();
    removeNow(this.#base);
  }

  /** Creates a topic; `config` are topic settings (`{ 'max.message.bytes': '2000' }`). */
  async createTopic(topic: string, partitions = 1, config: Readonly<Record<string, string>> = {}): Promise<void> {
    await admin.createTopic(this.bootstrapServers, topic, partitions, config);
  }

  async deleteTopic(topic: string): Promise<void> {
    await admin.deleteTopic(this.bootstrapServers, topic);
  }

  /** Raises a topic's number of partitions to `total`. */
  async addPartitions(topic: string, total: number): Promise<void> {
    await admin.addPartitions(this.bootstrapServers, topic, total);
  }

  /** Changes settings of a topic while it is in use. */
  async alterTopic(topic: string, config: Readonly<Record<string, string>>): Promise<void> {
    const list = Object.entries(config)
      .map(([name, value]) => `${name}=${value}`)
      .join(',');
    await this.tool('kafka.admin.ConfigCommand', ['--alter', '--topic', topic, '--add-config', list]);
  }

  /** The offset after the last message, per partition; transaction markers count as messages do. */
  async endOffsets(topic: string): Promise<number[]> {
    return await admin.endOffsets(this.bootstrapServers, topic);
  }

  /** Runs one of Kafka's own tools (`org.apache.kafka.tools.TopicCommand`, `…AclCommand`) against this broker; a second or two. */
  async tool(mainClass: string, args: readonly string[], input = ''): Promise<string> {
    return await run('java', [...this.#jvm, ...CLASS_PATH, mainClass, '--bootstrap-server', this.bootstrapServers, ...args], { input });
  }

  /** Everything the broker logged so far. */
  log(): string {
    return readFileSync(this.logFile, 'utf8');
  }
}
