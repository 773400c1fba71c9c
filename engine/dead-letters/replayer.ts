import { flush, produceHeaded } from '../../native-bridge/index.ts';
import { LAYOUT } from '../../native-bridge/layout.ts';
import { MillraceError } from '../base/errors.ts';
import type { Config } from '../control/config/config.ts';
import { createEncoder } from '../encode/formats.ts';
import { headerBytes } from '../encode/letter.ts';
import { openKafka, type Hooks } from '../opening.ts';
import { planMemory } from '../produce/memory.ts';
import type { Sink } from '../produce/sink.ts';
import { Routing } from '../routing.ts';
import { openState } from '../state.ts';
import { REPLAY_HEADER } from './later-messages.ts';
import { RowMaker, type RowMessage } from './row-maker.ts';
import { nameOfLetter, type StoredLetter } from './stored-letter.ts';

/** Where a row lies now. */
export interface SentMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** How long a broker may take for a message. */
const DELIVERY_MS = 30_000;
const TAKE_MS = 1000;
/** At most: a topic's name has 249 characters. */
const HEADER_BYTES = 320;

/** Sends rows of dead letters to the topics that they were meant for, each acknowledged before the next. */
export class Replayer {
  private readonly sink: Sink;
  private readonly maker: RowMaker;
  private readonly closers: readonly (() => Promise<void>)[];

  private constructor(sink: Sink, maker: RowMaker, closers: readonly (() => Promise<void>)[]) {
    this.sink = sink;
    this.maker = maker;
    this.closers = closers;
  }

  /**
   * Becomes the owner of the changefeed's state, so that the changefeed cannot write meanwhile, and connects.
   * @throws MillraceError STATE_LOCKED while the changefeed runs, wherever it does; those of the state, the topics and Kafka's login
   */
  static async open(config: Config, hooks: Hooks): Promise<Replayer> {
    const memory = planMemory(config.memoryBytes, config.workers, config.kafka.bufferMemoryBytes);
    const store = await openState(config, hooks);
    const closers = [() => store.close()];
    try {
      // What cannot be sent now either is an error, and no second letter.
      const strict: Config = { ...config, kafka: { ...config.kafka, deadLetterTopic: null } };
      const sink = await openKafka(strict, memory, { recorded: store.loaded?.topics ?? {}, isRestart: true }, hooks);
      closers.unshift(() => sink.close());
      void store.lost.then(() => sink.abandon());
      const routing = new Routing(strict, sink.topics, memory.largeBytes, hooks);
      const maker = new RowMaker({
        planOf: (schema) => routing.planOf(schema),
        encoder: createEncoder(config.format),
        largeBytes: memory.largeBytes,
        headerBytes: HEADER_BYTES,
        targets: LAYOUT.TARGET_SLOTS,
      });
      return new Replayer(sink, maker, closers);
    } catch (error) {
      for (const close of closers) await close();
      throw error;
    }
  }

  /**
   * What a letter becomes, made as the changefeed would make it now.
   * @throws MillraceError DEAD_LETTER_CUT where its row is not whole; of the rows' codes while the cause is not mended
   */
  async messagesOf(letter: StoredLetter): Promise<RowMessage[]> {
    if (letter.row !== null) return await this.maker.messagesOf(letter.row, letter.data);
    throw new MillraceError(
      'DEAD_LETTER_CUT',
      `the dead letter ${nameOfLetter(letter)} holds ${letter.data.length} of the ${letter.bytes} bytes of its row: it cannot be sent again`,
      { letter: nameOfLetter(letter) },
    );
  }

  /**
   * Sends a letter's messages, each with a header that names the letter.
   * @throws MillraceError DELIVERY_FAILED and the like
   */
  async send(letter: StoredLetter, messages: readonly RowMessage[]): Promise<SentMessage[]> {
    const sent: SentMessage[] = [];
    const headers = headerBytes([[REPLAY_HEADER, Buffer.from(nameOfLetter(letter))]]);
    for (const { topic, partition, key, value } of messages) {
      const descriptor = new Int32Array(LAYOUT.MESSAGE_WORDS);
      descriptor[LAYOUT.MESSAGE_KEY_LENGTH] = key === null ? LAYOUT.NULL_LENGTH : key.length;
      descriptor[LAYOUT.MESSAGE_VALUE_OFFSET] = key?.length ?? 0;
      descriptor[LAYOUT.MESSAGE_VALUE_LENGTH] = value === null ? LAYOUT.NULL_LENGTH : value.length;
      descriptor[LAYOUT.MESSAGE_TOPIC] = topic.index;
      descriptor[LAYOUT.MESSAGE_PARTITION] = partition;
      const bytes = Buffer.concat([key ?? Buffer.alloc(0), value ?? Buffer.alloc(0)]);
      if (!produceHeaded(this.sink.producer, descriptor, bytes, headers, TAKE_MS)) throw this.unacknowledged(letter);
      const isAcknowledged = await flush(this.sink.producer, DELIVERY_MS);
      this.sink.check(() => letter.table);
      if (!isAcknowledged) throw this.unacknowledged(letter);
      sent.push({ topic: topic.name, partition, offset: this.sink.delivery.target(topic.targetBase + partition).offset - 1 });
    }
    return sent;
  }

  async close(): Promise<void> {
    for (const close of this.closers) await close();
  }

  private unacknowledged(letter: StoredLetter): MillraceError {
    const message = `Kafka has not acknowledged the dead letter ${nameOfLetter(letter)} within ${DELIVERY_MS / 1000} s; it may be in the topic all the same`;
    return new MillraceError('DELIVERY_FAILED', message, { letter: nameOfLetter(letter) });
  }
}
