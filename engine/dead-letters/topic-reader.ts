import type { KafkaConsumer as Consumer, LibrdKafkaError, Message, Metadata } from '@confluentinc/kafka-javascript';
import { createRequire } from 'node:module';
import { MillraceError } from '../base/errors.ts';
import { grantCommand } from '../produce/topics.ts';
import { currentProperties, currentToken, type CredentialSources } from '../produce/credentials.ts';

/** A message of a topic. */
export interface TopicRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** The last of each name. */
  readonly headers: ReadonlyMap<string, Buffer>;
}

/** Offsets of a partition: the first that is kept, and the one behind the last. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

const ASK_MS = 15_000;
/** How long nothing may come of a partition that has more. */
const SILENCE_MS = 30_000;
const MESSAGES_AT_ONCE = 500;
/** Properties that are any client's; the rest is the producer's. */
const OF_CLIENTS =
  /^(bootstrap\.servers|metadata\.|client\.|security\.|sasl\.|enable\.sasl\.|enable\.ssl\.|ssl\.|socket\.|broker\.|reconnect\.|https\.)/;
const TIMED_OUT = -185;
/** librdkafka has a group asked for even where none is joined. */
const GROUP = 'millrace-dead-letters';
const TOPIC_AUTHORIZATION_FAILED = 29;
const GROUP_AUTHORIZATION_FAILED = 30;

/**
 * Reads topics as they are, from one offset to another: no group is joined, nothing is committed. For the main thread of a command: the
 * client is not made for threads.
 */
export class TopicReader {
  private readonly consumer: Consumer;

  private constructor(consumer: Consumer) {
    this.consumer = consumer;
  }

  /** @throws MillraceError KAFKA_UNREACHABLE, KAFKA_CREDENTIALS_INVALID */
  static async connect(credentials: CredentialSources): Promise<TopicReader> {
    // Loaded where it is needed: the addon takes its time.
    const { KafkaConsumer } = createRequire(import.meta.url)('@confluentinc/kafka-javascript') as {
      KafkaConsumer: new (config: Record<string, unknown>, topicConfig: Record<string, unknown>) => Consumer;
    };
    const ofClients = Object.entries(currentProperties(credentials)).filter(([name]) => OF_CLIENTS.test(name));
    const token = currentToken(credentials);
    const login =
      token === null ? {} : { oauthbearer_token_refresh_cb: async () => ({ ...token, tokenValue: token.text, lifetime: token.expiresMs }) };
    const consumer = new KafkaConsumer(
      {
        ...Object.fromEntries(ofClients),
        'group.id': GROUP,
        'enable.auto.commit': false,
        'enable.partition.eof': true,
        // Messages of transactions that were given up are none.
        'isolation.level': 'read_committed',
        ...login,
      },
      {},
    );
    await answer<Metadata>((done) => consumer.connect({ timeout: ASK_MS }, done), 'Kafka');
    consumer.setDefaultConsumeTimeout(100);
    return new TopicReader(consumer);
  }

  /** Partitions by topic, of all topics that the user may see. */
  async topics(): Promise<Map<string, number>> {
    const { topics } = await answer<Metadata>((done) => this.consumer.getMetadata({ timeout: ASK_MS }, done), 'the topics');
    return new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
  }

  async bounds(topic: string, partition: number): Promise<Bounds> {
    const ask = (done: Answered<{ lowOffset: number; highOffset: number }>) =>
      this.consumer.queryWatermarkOffsets(topic, partition, ASK_MS, done);
    const { lowOffset, highOffset } = await answer(ask, `${topic}[${partition}]`);
    return { low: lowOffset, high: highOffset };
  }

  /** The first offset of a message that is not older than `ms` since 1970; the end where there is none. */
  async offsetAt(topic: string, partition: number, ms: number): Promise<number> {
    const asked = [{ topic, partition, offset: ms }];
    const found = await answer<{ offset: number }[]>(
      (done) => this.consumer.offsetsForTimes(asked, ASK_MS, done),
      `${topic}[${partition}]`,
    );
    const offset = found[0]?.offset ?? -1;
    return offset >= 0 ? offset : (await this.bounds(topic, partition)).high;
  }

  /**
   * Gives the messages from offset `from` to the end as it is when it is reached.
   * @throws MillraceError KAFKA_UNREACHABLE when nothing comes any more
   */
  async read(topic: string, partition: number, from: number, take: (record: TopicRecord) => void): Promise<void> {
    const { low, high } = await this.bounds(topic, partition);
    const start = Math.max(from, low);
    if (start >= high) return;
    const reached = new Set<string>();
    const onEnd = (end: { readonly topic: string; readonly partition: number }) => {
      reached.add(`${end.topic}/${end.partition}`);
    };
    this.consumer.on('partition.eof', onEnd);
    this.consumer.assign([{ topic, partition, offset: start }]);
    try {
      let heardMs = performance.now();
      while (!reached.has(`${topic}/${partition}`)) {
        const messages = await answer<Message[]>((done) => this.consumer.consume(MESSAGES_AT_ONCE, done), `${topic}[${partition}]`);
        for (const message of messages) take(recordOf(message));
        if (messages.length > 0) heardMs = performance.now();
        else if (performance.now() - heardMs > SILENCE_MS) throw unreachable(`${topic}[${partition}]`, 'nothing comes any more');
      }
    } finally {
      this.consumer.removeListener('partition.eof', onEnd);
      this.consumer.unassign();
    }
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => void this.consumer.disconnect(() => resolve()));
  }
}

type Answered<T> = (error: LibrdKafkaError, result: T) => void;

/** The result that a call of the client's gives its callback. */
async function answer<T>(call: (done: Answered<T>) => unknown, what: string): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    call((error: LibrdKafkaError | null, result) => {
      if (error === null || error === undefined) resolve(result);
      else if (error.code === TIMED_OUT && result !== undefined) resolve(result);
      else reject(refusal(what, error));
    });
  });
}

function refusal(what: string, { code, message }: LibrdKafkaError): MillraceError {
  const isGroup = code === GROUP_AUTHORIZATION_FAILED;
  if (!isGroup && code !== TOPIC_AUTHORIZATION_FAILED) return unreachable(what, message);
  const grant = grantCommand(['Read'], isGroup ? `--group ${GROUP}` : `--topic ${what.replace(/\[\d+\]$/, '')}`);
  return new MillraceError('KAFKA_TOPIC_UNAUTHORIZED', `the Kafka user may not read ${what}: ${message}. It needs: ${grant}`);
}

function unreachable(what: string, reason: string): MillraceError {
  return new MillraceError('KAFKA_UNREACHABLE', `${what} cannot be read: ${reason}`);
}

function recordOf({ topic, partition, offset, key, value, headers = [] }: Message): TopicRecord {
  const named = headers.flatMap((header) => Object.entries(header)).map(([name, text]) => [name, Buffer.from(text)] as const);
  return { topic, partition, offset, key: bufferOf(key), value: bufferOf(value), headers: new Map(named) };
}

function bufferOf(bytes: Buffer | string | null | undefined): Buffer | null {
  return bytes === null || bytes === undefined ? null : Buffer.from(bytes);
}
