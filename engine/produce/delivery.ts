import { LAYOUT } from '../../native-bridge/layout.ts';
import { assert } from '../base/assert.ts';
import type { Code } from '../base/codes.ts';
import { MillraceError } from '../base/errors.ts';
import { grantOf } from './topics.ts';

/** Refusals of brokers that have a code of their own and can be told how to mend, by librdkafka's code. */
const REFUSALS: Readonly<Record<number, { readonly code: Code; readonly remedy: (topic: string) => string } | undefined>> = {
  /** TOPIC_AUTHORIZATION_FAILED */
  29: { code: 'KAFKA_TOPIC_UNAUTHORIZED', remedy: (topic) => ` It needs: ${grantOf(topic)}` },
  /** INVALID_TIMESTAMP */
  32: { code: 'KAFKA_TIMESTAMP_REFUSED', remedy: () => clockNow() },
  /** INVALID_RECORD, which brokers say of timestamps as well: those of a batch that is not wrong as a whole. */
  87: {
    code: 'DELIVERY_FAILED',
    remedy: () => ` Its timestamp is too far from the brokers' clock, or the topic is compacted and the message has no key.${clockNow()}`,
  },
};

function clockNow(): string {
  return ` This machine's clock says ${new Date().toISOString()}.`;
}

/** Messages of one topic-partition so far. */
export interface TargetCounters {
  /** Last delivered offset + 1; 0 before the first. */
  readonly offset: number;
  readonly messages: number;
  readonly bytes: number;
  readonly inFlight: number;
}

export interface DeliveryCounters {
  readonly delivered: number;
  readonly failed: number;
  readonly bytes: number;
  readonly inFlight: number;
}

/** What the numbers in an error report stand for. */
export interface DeliveryNames {
  topic(index: number): { readonly name: string; readonly isForDeadLetters: boolean };
  table(id: number): string;
  /** librdkafka's name of an error code. */
  error(code: number): string;
}

/**
 * The delivery table of one capture, read on the main thread: C++ writes it as reports come (`native-bridge/layout.ts`).
 * Counters are for people and leave as numbers: they are exact to 2^53.
 */
export class DeliveryTable {
  readonly words: Int32Array;
  private readonly longs: BigInt64Array;

  constructor() {
    const memory = new SharedArrayBuffer(LAYOUT.TABLE_WORDS * 4);
    this.words = new Int32Array(memory);
    this.longs = new BigInt64Array(memory);
  }

  /** Where the epochs' counts lie, for the tracker. */
  get epochs(): { words: Int32Array; base: number; stride: number; slots: number; outstanding: number; poisoned: number } {
    return {
      words: this.words,
      base: LAYOUT.EPOCHS,
      stride: LAYOUT.EPOCH_WORDS,
      slots: LAYOUT.EPOCH_SLOTS,
      outstanding: LAYOUT.EPOCH_OUTSTANDING,
      poisoned: LAYOUT.EPOCH_POISONED,
    };
  }

  get counters(): DeliveryCounters {
    return {
      delivered: this.long(LAYOUT.HEADER_DELIVERED),
      failed: this.long(LAYOUT.HEADER_FAILED) + this.long(LAYOUT.HEADER_PURGED),
      bytes: this.long(LAYOUT.HEADER_BYTES),
      inFlight: this.long(LAYOUT.HEADER_IN_FLIGHT),
    };
  }

  target(slot: number): TargetCounters {
    assert(slot >= 0 && slot < LAYOUT.TARGET_SLOTS, 'a target lies in the delivery table');
    const word = LAYOUT.TARGETS + slot * LAYOUT.TARGET_WORDS;
    return {
      offset: this.long(word + LAYOUT.TARGET_OFFSET),
      messages: this.long(word + LAYOUT.TARGET_COUNT),
      bytes: this.long(word + LAYOUT.TARGET_BYTES),
      inFlight: Atomics.load(this.words, word + LAYOUT.TARGET_IN_FLIGHT),
    };
  }

  /** Messages were purged and none has failed: what they were purged for is told elsewhere, or a moment later. */
  get hasOnlyPurged(): boolean {
    return Atomics.load(this.words, LAYOUT.ERROR_STATE) === LAYOUT.ERROR_OF_PURGE;
  }

  /** librdkafka's code of the first message that failed; 0 while none has. */
  get firstErrorCode(): number {
    return Atomics.load(this.words, LAYOUT.ERROR_STATE) === LAYOUT.ERROR_OF_FAILURE ? this.words[LAYOUT.ERROR_CODE]! : 0;
  }

  /**
   * The error of the first message that failed, with table, key and place; of the first that was purged when none has failed; null while
   * there is none.
   */
  firstError(names: DeliveryNames): MillraceError | null {
    const state = Atomics.load(this.words, LAYOUT.ERROR_STATE);
    if (state !== LAYOUT.ERROR_OF_PURGE && state !== LAYOUT.ERROR_OF_FAILURE) return null;
    const error = this.readError(names);
    // A failure that takes the place of a purge meanwhile is for the next look.
    return Atomics.load(this.words, LAYOUT.ERROR_STATE) === state ? error : null;
  }

  private readError(names: DeliveryNames): MillraceError {
    const code = this.words[LAYOUT.ERROR_CODE]!;
    const { name: topic, isForDeadLetters } = names.topic(this.words[LAYOUT.ERROR_TOPIC]!);
    const partition = this.words[LAYOUT.ERROR_PARTITION]!;
    const table = names.table(this.words[LAYOUT.ERROR_TABLE]!);
    const row = this.words[LAYOUT.ERROR_ROW_IN_EPOCH]! >>> 0;
    const key = this.errorKey();
    const known = REFUSALS[code]?.code ?? 'DELIVERY_FAILED';
    return new MillraceError(
      known === 'DELIVERY_FAILED' && isForDeadLetters ? 'DEAD_LETTER_FAILED' : known,
      `Kafka did not take a ${isForDeadLetters ? 'dead letter' : 'message'} of ${table} with key ${key} for ${topic}[${partition}]: ${names.error(code)} (${code}). ` +
        `Nothing at or after it was acknowledged to the source; it is sent again from the checkpoint.${REFUSALS[code]?.remedy(topic) ?? ''}`,
      { error: code, topic, partition, table, key, epochSlot: this.words[LAYOUT.ERROR_EPOCH_SLOT]!, rowInEpoch: row },
    );
  }

  private errorKey(): string {
    const length = this.words[LAYOUT.ERROR_KEY_LENGTH]! >>> 0;
    if (length === LAYOUT.NULL_LENGTH) return '(none)';
    const kept = Math.min(length, LAYOUT.ERROR_KEY_BYTES);
    const text = Buffer.from(this.words.buffer, LAYOUT.ERROR_KEY * 4, kept).toString('utf8');
    return kept < length ? `${text}...` : text;
  }

  private long(word: number): number {
    return Number(Atomics.load(this.longs, word >> 1));
  }
}
