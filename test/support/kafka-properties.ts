import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificates } from './certificates.ts';

/** Broker settings, as in server.properties. */
export type KafkaSettings = Readonly<Record<string, string | number | boolean>>;

/** The user of the secure listener. */
export const KAFKA_USER = { name: 'app', password: 'app-secret' } as const;

/** One node, broker and controller, sized for a throw-away: the defaults are for servers of 64 GB. */
export function nodeProperties(dataDir: string, port: number, controllerPort: number): KafkaSettings {
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'log.dirs': dataDir,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL',
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
    // A killed broker that comes back is let in only when its old session has ended.
    'broker.session.timeout.ms': 3000,
    'broker.heartbeat.interval.ms': 500,
  };
}

/** What a listener with TLS, PLAIN and SCRAM-SHA-512 on `securePort` changes in `node`. Writes its key store into `directory`. */
export async function securityProperties(directory: string, node: KafkaSettings, securePort: number): Promise<KafkaSettings> {
  const files = await certificates();
  const keyStore = join(directory, 'key-store.pem');
  writeFileSync(keyStore, [files.serverKey, files.serverCertificate, files.ca].map((file) => readFileSync(file, 'utf8')).join(''));
  chmodSync(keyStore, 0o600);
  const modules = 'org.apache.kafka.common.security';
  const own = 'listener.name.secure';
  return {
    listeners: `${node['listeners']},SECURE://127.0.0.1:${securePort}`,
    'advertised.listeners': `${node['advertised.listeners']},SECURE://127.0.0.1:${securePort}`,
    [`${own}.sasl.enabled.mechanisms`]: 'PLAIN,SCRAM-SHA-512',
    [`${own}.plain.sasl.jaas.config`]: `${modules}.plain.PlainLoginModule required user_${KAFKA_USER.name}="${KAFKA_USER.password}";`,
    [`${own}.scram-sha-512.sasl.jaas.config`]: `${modules}.scram.ScramLoginModule required;`,
    [`${own}.ssl.keystore.type`]: 'PEM',
    [`${own}.ssl.keystore.location`]: keyStore,
  };
}

/** Writes a server.properties file. */
export function writeProperties(file: string, settings: KafkaSettings): void {
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(file, lines.join(''));
}

/** Writes a log4j2 configuration that sends what matters to standard output. */
export function writeLogging(file: string): void {
  const lines = [
    'status=error',
    'appender.out.type=Console',
    'appender.out.name=OUT',
    'appender.out.layout.type=PatternLayout',
    'appender.out.layout.pattern=%d{HH:mm:ss.SSS} %p %c{1} %m%n',
    'rootLogger.level=WARN',
    'rootLogger.appenderRef.out.ref=OUT',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
}
