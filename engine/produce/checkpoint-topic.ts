import {
  addTopic,
  close,
  initTransactions,
  type ProducerHandle,
  setCredentials,
  setToken,
  writeRecords,
} from '../../native-bridge/index.ts';
import { readTopic, type ReadingMode, type TopicRecord } from '../../native-bridge/topic-reader.ts';
import { creationOf, namedFailure, namedRefusal, transactionalId, type CheckpointTopicOptions } from './checkpoint-topic-terms.ts';
import { currentProperties, currentToken } from './credentials.ts';
import { DeliveryTable } from './delivery.ts';
import { openClient } from './sink.ts';
import { ANY_TOPIC, askForTopic } from './sink-topics.ts';
import type { TopicFacts } from './topics.ts';

/** A transaction that nobody ends is given up by the brokers after so long; an outage may take as long before that costs a restart. */
const TRANSACTION_MS = 60_000;
/** How long brokers may take to make this the only writer, or to give out the topic; a forgotten transaction holds that back. */
const STEP_MS = 90_000;
const CLOSE_MS = 5_000;
/** Larger than any topic takes, so that the topic's own limit decides. */
const MESSAGE_BYTES = 100_000_000;
/** librdkafka's properties that are about the connection and the login, and not about rows. */
const CONNECTION =
  /^(bootstrap\.servers|metadata\.broker\.list|client\.|security\.|ssl\.|enable\.ssl\.|sasl\.|socket\.|broker\.|reconnect\.|api\.)/;

/** A client of the topic, with what its records count in. */
interface Client {
  readonly handle: ProducerHandle;
  readonly delivery: DeliveryTable;
  readonly topic: number;
}

/** The topic of checkpoints as one changefeed writes and reads it: by a transactional producer whose id is the changefeed's. */
export class CheckpointTopic {
  readonly name: string;
  /** The topic as it is. */
  readonly facts: TopicFacts;
  private readonly options: CheckpointTopicOptions;
  private client: Client;
  private renewal: Promise<void> = Promise.resolve();

  constructor(options: CheckpointTopicOptions, client: Client, facts: TopicFacts) {
    this.name = options.name;
    this.options = options;
    this.client = client;
    this.facts = facts;
  }

  async read(keys: readonly string[], from: number, mode: ReadingMode, onEntry: (entry: TopicRecord) => void): Promise<number> {
    const { credentials } = this.options;
    const config = connectionOf(currentProperties(credentials));
    return await readTopic({ config, token: currentToken(credentials), topic: this.name, from, keys, mode, timeoutMs: STEP_MS }, onEntry);
  }

  async becomeWriter(): Promise<void> {
    await this.fence(this.client);
  }

  async write(values: Readonly<Record<string, string>>): Promise<void> {
    for (;;) {
      const { client } = this;
      try {
        return await writeRecords(client.handle, client.topic, values);
      } catch (error) {
        // A client that takes this one's place refuses it first.
        await this.renewal.catch(() => undefined);
        if (this.client === client) throw this.named(error, client, values);
      }
    }
  }

  async renewCredentials(changed: readonly string[], confirm: () => Promise<void>): Promise<void> {
    const { credentials } = this.options;
    const { secretFiles, tokenFile } = credentials;
    const token = currentToken(credentials);
    if (token !== null && changed.every((file) => file === tokenFile)) return setToken(this.client.handle, token);
    if (changed.every((file) => file === secretFiles['sasl.password'])) {
      const properties = currentProperties(credentials);
      return setCredentials(this.client.handle, properties['sasl.username'] ?? '', properties['sasl.password'] ?? '');
    }
    this.renewal = this.replaceClient(confirm);
    await this.renewal;
  }

  async close(): Promise<void> {
    await close(this.client.handle, 0);
  }

  private async replaceClient(confirm: () => Promise<void>): Promise<void> {
    const fresh = openClientOf(this.options);
    try {
      await this.fence(fresh);
      await confirm();
    } catch (error) {
      await close(fresh.handle, 0);
      throw error;
    }
    const { handle } = this.client;
    this.client = fresh;
    await close(handle, 0);
  }

  private named(error: unknown, { delivery }: Client, values: Readonly<Record<string, string>>): unknown {
    return namedFailure(error, delivery.firstErrorCode, values, this.options);
  }

  private async fence(client: Client): Promise<void> {
    try {
      await initTransactions(client.handle, STEP_MS);
    } catch (error) {
      throw this.named(error, client, {});
    }
  }
}

/**
 * Finds the topic, or creates it for a writer. It is not judged, and nobody is fenced yet.
 * @throws MillraceError of the topics' codes and those of logins
 */
export async function openCheckpointTopic(options: CheckpointTopicOptions): Promise<CheckpointTopic> {
  const client = openClientOf(options);
  try {
    return new CheckpointTopic(options, client, await factsOf(client.handle, options));
  } catch (error) {
    await close(client.handle, CLOSE_MS);
    throw error;
  }
}

function openClientOf({ name, changefeed, credentials, access }: CheckpointTopicOptions): Client {
  const delivery = new DeliveryTable();
  const writing = {
    'transactional.id': transactionalId(name, changefeed),
    'transaction.timeout.ms': String(TRANSACTION_MS),
    'message.max.bytes': String(MESSAGE_BYTES),
    'compression.type': 'lz4',
    'linger.ms': '0',
  };
  const propertiesOf = (properties: Record<string, string>) => ({ ...connectionOf(properties), ...(access === 'write' ? writing : {}) });
  const handle = openClient(credentials, propertiesOf, delivery, null);
  return { handle, delivery, topic: addTopic(handle, name, 1, 0, MESSAGE_BYTES) };
}

function connectionOf(properties: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(properties).filter(([property]) => CONNECTION.test(property)));
}

async function factsOf(handle: ProducerHandle, options: CheckpointTopicOptions): Promise<TopicFacts> {
  const { name, replicationFactor, access } = options;
  try {
    const creation = creationOf(replicationFactor);
    const { facts } = await askForTopic(handle, name, { ...ANY_TOPIC, autoCreate: access === 'write', replicationFactor, creation });
    return facts;
  } catch (error) {
    throw namedRefusal(error, options);
  }
}
