import { clusterBrokers, type AdvertisedBroker } from '../../native-bridge/admin.ts';
import { type NativeEvent, takeEvents, type ProducerHandle } from '../../native-bridge/index.ts';
import { MillraceError } from '../base/errors.ts';
import { words } from '../base/remedy.ts';
import type { KafkaConfig } from '../control/config/config.ts';
import { type Refusal, refusalOf } from '../produce/refusal.ts';
import { advertisedInVain, listenersFinding, silenceOf } from '../produce/silence.ts';
import { addressText, connectFailure, resolveHost, type Address } from './reach.ts';
import type { SinkStep } from './step-names.ts';
import type { Steps } from './steps.ts';

type SinkSteps = Steps<SinkStep>;

const PORT = 9092;
/** How long a broker may take to be logged in to, the same when it ends each connection, and how often it is looked at. */
const LOGIN_MS = 15_000;
const DOWN_MS = 3_000;
const SLICE_MS = 1_000;

/** Resolves the bootstrap list and connects to it, a step each, without a word of Kafka's. */
export async function reachBootstrap({ bootstrapServers }: KafkaConfig, steps: SinkSteps): Promise<boolean> {
  const servers = bootstrapServers.split(',').map(addressOf);
  const unknown: string[] = [];
  const known: string[] = [];
  for (const { host } of servers) {
    const { addresses, reason } = await resolveHost(host);
    if (addresses.length === 0) unknown.push(`${host} has no address (${reason})`);
    else known.push(`${host} is ${addresses.join(', ')}`);
  }
  const names = [words('correct MILLRACE_BOOTSTRAP_SERVERS, or the entries in DNS or /etc/hosts')];
  if (known.length === 0) {
    steps.fail('resolve', 'KAFKA_UNREACHABLE', unknown.join('; '), names);
    return false;
  }
  if (unknown.length > 0) steps.warn('resolve', [...known, ...unknown].join('; '), names);
  else steps.pass('resolve', known.join('; '));

  const refusals = await Promise.all(servers.map(async (server) => ({ server, reason: await connectFailure(server) })));
  const lost = refusals.flatMap(({ server, reason }) => (reason === null ? [] : [`${addressText(server)} (${reason})`]));
  const remedies = [words('start the brokers, correct host and port in MILLRACE_BOOTSTRAP_SERVERS, or open the firewall')];
  if (lost.length === servers.length) steps.fail('bootstrap', 'KAFKA_UNREACHABLE', `cannot be connected to: ${lost.join(', ')}`, remedies);
  else if (lost.length > 0) steps.warn('bootstrap', `cannot be connected to: ${lost.join(', ')}`, remedies);
  else steps.pass('bootstrap', servers.map(addressText).join(', '));
  return lost.length < servers.length;
}

function addressOf(server: string): Address {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(server);
  return { host: match?.[1] ?? match?.[2] ?? server, port: match?.[3] === undefined ? PORT : Number(match[3]) };
}

/**
 * Lets librdkafka log in and asks which brokers there are; a step each for TLS and login.
 * @returns null when it was not let in; where that was slow, the brokers that it was told of and does not reach
 */
export async function logIn(client: ProducerHandle, kafka: KafkaConfig, steps: SinkSteps): Promise<AdvertisedBroker[] | null> {
  const protocol = (kafka.properties['security.protocol'] ?? 'PLAINTEXT').toUpperCase();
  const deadline = performance.now() + LOGIN_MS;
  const told: NativeEvent[] = [];
  for (;;) {
    try {
      const brokers = await clusterBrokers(client, SLICE_MS);
      tellSecurity(protocol, kafka, steps);
      return brokers;
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      told.push(...takeEvents(client));
      const refusal = refusalOf(told);
      const areDown = told.some((event) => event.kind === 'error' && event.name === '_ALL_BROKERS_DOWN');
      const isLate = performance.now() >= (areDown ? deadline - LOGIN_MS + DOWN_MS : deadline);
      if (refusal === null && !isLate) continue;
      const lost = refusal === null ? advertisedInVain(told) : [];
      if (lost.length > 0) {
        tellSecurity(protocol, kafka, steps);
        return lost;
      }
      if (refusal === null) tellSilence(told, error.message, steps);
      else tellRefusal(refusal, protocol, steps);
      return null;
    }
  }
}

function tellSecurity(protocol: string, { properties }: KafkaConfig, steps: SinkSteps): void {
  const encrypted = protocol.endsWith('SSL');
  const verifies = properties['enable.ssl.certificate.verification'] !== 'false';
  const verified = words('leave the verification on, and give the authority of the brokers: MILLRACE_SSL_CA_LOCATION=/path/ca.pem');
  if (encrypted && !verifies) steps.warn('tls', `${protocol}, and the certificates of the brokers are not verified`, [verified]);
  else steps.pass('tls', encrypted ? `${protocol}, certificates verified` : `${protocol}: not encrypted`);
  if (!protocol.startsWith('SASL')) return steps.pass('login', protocol === 'SSL' ? 'by certificate, if the broker asks for one' : 'none');
  const mechanism = properties['sasl.mechanism'] ?? properties['sasl.mechanisms'] ?? '';
  const user = properties['sasl.username'];
  const found = `${mechanism}${user === undefined ? '' : `, user ${user}`}`;
  if (mechanism !== 'PLAIN' || encrypted) return steps.pass('login', found);
  steps.warn('login', `${found}: without TLS the password can be read on the way`, [
    words('set MILLRACE_SECURITY_PROTOCOL=SASL_SSL, with the port of a listener of the brokers that offers it, or use SCRAM-SHA-512'),
  ]);
}

function tellRefusal({ code, reason }: Refusal, protocol: string, steps: SinkSteps): void {
  if (code === 'KAFKA_TLS_FAILED') {
    return steps.fail('tls', code, reason, [
      words(
        'give the authority that signed the certificates of the brokers (MILLRACE_SSL_CA_LOCATION), and the host names that they are for',
      ),
    ]);
  }
  steps.pass('tls', protocol);
  steps.fail('login', code, reason, [
    words('give the mechanism, user and password that the brokers know (MILLRACE_SASL_MECHANISM, _USERNAME, _PASSWORD)'),
  ]);
}

function tellSilence(told: readonly NativeEvent[], unanswered: string, steps: SinkSteps): void {
  steps.fail('tls', 'KAFKA_UNREACHABLE', `${unanswered}; seen: ${silenceOf(told)}`, [
    words(
      'set MILLRACE_SECURITY_PROTOCOL to that of the listener (PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL), or give the port of another one',
    ),
  ]);
}

/** Whether the brokers can be reached under the addresses that they tell: messages go there, not to the bootstrap list. */
export async function tellListeners(brokers: readonly AdvertisedBroker[], steps: SinkSteps): Promise<boolean> {
  const refusals = await Promise.all(brokers.map(async (broker) => ({ broker, reason: await unreachable(broker) })));
  const lost = refusals.filter(({ reason }) => reason !== null);
  if (lost.length === 0) {
    const each = brokers.map((broker) => `broker ${broker.id} at ${addressText(broker)}`);
    steps.pass('listeners', each.join(', '));
    return true;
  }
  const each = lost.map(({ broker, reason }) => `broker ${broker.id} at ${addressText(broker)} (${reason})`);
  const ids = lost.map(({ broker }) => broker.id);
  const { found, remedy } = listenersFinding(each, ids);
  const remedies = [words(remedy)];
  if (lost.length < brokers.length) steps.warn('listeners', found, remedies);
  else steps.fail('listeners', 'KAFKA_LISTENERS', found, remedies);
  return lost.length < brokers.length;
}

async function unreachable(broker: AdvertisedBroker): Promise<string | null> {
  const { addresses, reason } = await resolveHost(broker.host);
  return addresses.length === 0 ? `no such host: ${reason}` : await connectFailure(broker);
}
