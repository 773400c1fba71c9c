import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificates, type KeyPair } from './certificates.ts';

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
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
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

export type SaslMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'OAUTHBEARER' | 'GSSAPI';

/** A listener beside the plain one. */
export interface KafkaListener {
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
  /** PLAIN for `KAFKA_USER`, SCRAM for whom the broker has been told of; the others need `settings`. */
  readonly mechanisms?: readonly SaslMechanism[];
  /** Default: the server's of `certificates()`. */
  readonly keyPair?: KeyPair;
  /** What the listener's name is put before: `ssl.client.auth`, `sasl.enabled.mechanisms` and the like. */
  readonly settings?: KafkaSettings;
  /** By which clients are told to reach it; default 127.0.0.1. */
  readonly host?: string;
  /** As `host`; default its own. That of a proxy. */
  readonly advertisedPort?: number;
}

/** SASL_SSL with two logins, for `KAFKA_USER`. */
export const SECURE_LISTENER: KafkaListener = { protocol: 'SASL_SSL', mechanisms: ['PLAIN', 'SCRAM-SHA-512'] };

export interface PlacedListener extends KafkaListener {
  readonly name: string;
  readonly port: number;
}

/** What listeners change in `node`. Writes their key stores into `directory`. */
export async function listenerProperties(
  directory: string,
  node: KafkaSettings,
  listeners: readonly PlacedListener[],
): Promise<KafkaSettings> {
  const files = await certificates();
  const joined = (property: string, entry: (listener: PlacedListener) => string) => [node[property], ...listeners.map(entry)].join(',');
  const settings: Record<string, string | number | boolean> = {
    listeners: joined('listeners', ({ name, port }) => `${name}://127.0.0.1:${port}`),
    'advertised.listeners': joined('advertised.listeners', ({ name, port, host, advertisedPort }) => {
      return `${name}://${host ?? '127.0.0.1'}:${advertisedPort ?? port}`;
    }),
    'listener.security.protocol.map': joined('listener.security.protocol.map', ({ name, protocol }) => `${name}:${protocol}`),
  };
  for (const listener of listeners) {
    const store = join(directory, `${listener.name}.pem`);
    const pair = listener.keyPair ?? { key: files.serverKey, certificate: files.serverCertificate };
    writeFileSync(store, [pair.key, pair.certificate, files.ca].map((file) => readFileSync(file, 'utf8')).join(''));
    chmodSync(store, 0o600);
    for (const [property, value] of Object.entries(ownSettings(listener, store, files.ca))) {
      settings[`listener.name.${listener.name.toLowerCase()}.${property}`] = value;
    }
  }
  return settings;
}

function ownSettings(listener: PlacedListener, store: string, ca: string): KafkaSettings {
  const modules = 'org.apache.kafka.common.security';
  const user = `user_${KAFKA_USER.name}="${KAFKA_USER.password}"`;
  const scram = `${modules}.scram.ScramLoginModule required;`;
  const logins = {
    'sasl.enabled.mechanisms': (listener.mechanisms ?? []).join(','),
    'plain.sasl.jaas.config': `${modules}.plain.PlainLoginModule required ${user};`,
    'scram-sha-256.sasl.jaas.config': scram,
    'scram-sha-512.sasl.jaas.config': scram,
  };
  const tls = {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': store,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': ca,
  };
  return {
    ...(listener.mechanisms === undefined ? {} : logins),
    ...(listener.protocol.endsWith('SSL') ? tls : {}),
    ...listener.settings,
  };
}

/** Node id of a second broker. */
export const SECOND_NODE = 2;

/** What makes a second broker, without a controller of its own, of a node's properties. */
export function secondNode(node: KafkaSettings, port: number): KafkaSettings {
  return { ...node, 'process.roles': 'broker', 'node.id': SECOND_NODE, listeners: `PLAINTEXT://127.0.0.1:${port}` };
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
