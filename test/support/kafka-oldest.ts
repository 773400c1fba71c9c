import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from './child.ts';
import { removeNow } from './cleanup.ts';
import { oldestKafkaJars } from './jars.ts';
import { KAFKA_USER, writeProperties } from './kafka-properties.ts';
import { SMALL_JVM } from './kafka.ts';
import { accepts, freePort } from './ports.ts';
import { run } from './run.ts';
import { tempDir } from './temp.ts';
import { until } from './wait.ts';

const CLASS_PATH = ['-cp', `${oldestKafkaJars}/*`];

/**
 * Apache Kafka 2.1 with its ZooKeeper. `KAFKA_USER` logs in by PLAIN at `saslAddress` and may do what it was granted; the plain listener
 * may do all.
 */
export class OldestKafka {
  readonly bootstrapServers: string;
  readonly saslAddress: string;
  private readonly directory: string;
  private readonly zooKeeperPort: number;
  private readonly children: readonly Child[];

  private constructor(directory: string, ports: Ports, children: readonly Child[]) {
    this.directory = directory;
    this.bootstrapServers = `127.0.0.1:${ports.plain}`;
    this.saslAddress = `127.0.0.1:${ports.sasl}`;
    this.zooKeeperPort = ports.zooKeeper;
    this.children = children;
  }

  static async start(): Promise<OldestKafka> {
    const directory = tempDir(undefined, 'millrace-kafka-oldest-');
    const ports = { zooKeeper: await freePort(), plain: await freePort(), sasl: await freePort() };
    const zooKeeper = join(directory, 'zookeeper.properties');
    writeProperties(zooKeeper, {
      dataDir: join(directory, 'zookeeper'),
      clientPort: ports.zooKeeper,
      clientPortAddress: '127.0.0.1',
      maxClientCnxns: 0,
    });
    const keeper = startJava(directory, 'org.apache.zookeeper.server.ZooKeeperServerMain', zooKeeper);
    await untilAccepting(keeper, ports.zooKeeper);
    const broker = join(directory, 'server.properties');
    writeProperties(broker, brokerProperties(directory, ports));
    const kafka = startJava(directory, 'kafka.Kafka', broker);
    await untilAccepting(kafka, ports.sasl);
    return new OldestKafka(directory, ports, [kafka, keeper]);
  }

  /** Permissions of `KAFKA_USER`; `resource` is `--topic` and a name, or `--cluster`. */
  async grant(resource: readonly string[], ...operations: readonly string[]): Promise<void> {
    const keeper = ['--authorizer-properties', `zookeeper.connect=127.0.0.1:${this.zooKeeperPort}`];
    const list = operations.flatMap((operation) => ['--operation', operation]);
    const who = ['--add', '--force', '--allow-principal', `User:${KAFKA_USER.name}`];
    await run('java', [...SMALL_JVM, ...CLASS_PATH, 'kafka.admin.AclCommand', ...keeper, ...who, ...resource, ...list]);
  }

  async destroy(): Promise<void> {
    for (const child of this.children) await child.wait('SIGKILL', 10_000);
    removeNow(this.directory);
  }
}

interface Ports {
  readonly zooKeeper: number;
  readonly plain: number;
  readonly sasl: number;
}

function brokerProperties(directory: string, { zooKeeper, plain, sasl }: Ports): Record<string, string | number> {
  const addresses = `PLAINTEXT://127.0.0.1:${plain},SASL_PLAINTEXT://127.0.0.1:${sasl}`;
  const user = `user_${KAFKA_USER.name}="${KAFKA_USER.password}"`;
  return {
    'broker.id': 1,
    'zookeeper.connect': `127.0.0.1:${zooKeeper}`,
    'log.dirs': join(directory, 'data'),
    listeners: addresses,
    'advertised.listeners': addresses,
    'listener.name.sasl_plaintext.sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.sasl_plaintext.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${user};`,
    'authorizer.class.name': 'kafka.security.auth.SimpleAclAuthorizer',
    'super.users': 'User:ANONYMOUS',
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
  };
}

function startJava(directory: string, mainClass: string, file: string): Child {
  const logging = join(directory, 'log4j.properties');
  const console = ['org.apache.log4j.ConsoleAppender', 'org.apache.log4j.SimpleLayout'];
  writeFileSync(logging, `log4j.rootLogger=WARN, out\nlog4j.appender.out=${console[0]}\nlog4j.appender.out.layout=${console[1]}\n`);
  const args = [...SMALL_JVM, `-Dlog4j.configuration=file:${logging}`, '-Dzookeeper.admin.enableServer=false', ...CLASS_PATH];
  return new Child('java', [...args, mainClass, file], { log: join(directory, 'log'), cwd: directory });
}

async function untilAccepting(child: Child, port: number): Promise<void> {
  const ready = async () => child.exit !== null || (await accepts(port));
  await until(ready, { deadlineMs: 90_000, everyMs: 50, what: () => `Kafka 2.1 to start:\n${child.logTail()}` });
  if (child.exit !== null) throw new Error(`Kafka 2.1 ended at once:\n${child.logTail()}`);
}
