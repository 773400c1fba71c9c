import { LAYOUT } from '../../native-bridge/layout.ts';
import type { DeadLetterReason } from '../change/dead-letter.ts';
import type { RoutedSchema } from '../change/schema-record.ts';
import { NO_PARTITION, type RefusedText, Row } from '../ring/layout.ts';
import type { RecordPlace } from '../ring/reader.ts';
import { QUEUE_WAIT_MS } from './batch.ts';
import { composeLetter, headerBytes, type Letter, type Refusal } from './letter.ts';
import type { LetterCounts } from './letter-counts.ts';
import { RowRecord } from './row-record.ts';

/** The producer as letters need it. */
export interface LetterProducer {
  /** Hands over one message, waiting at most `waitMs`; false when it was not taken. `headers` as `headerBytes` makes them. */
  produce(message: Int32Array, bytes: Uint8Array, headers: Uint8Array, waitMs: number): boolean;
  /** Whether messages of a target have no report yet. */
  isInFlight(target: number): boolean;
  /** Last delivered offset + 1 of a target; -1 before the first delivery. */
  offsetOf(target: number): number;
}

/** How often a row's partition is looked at until what came before the row is delivered. */
const LOOK_MS = 1;

/**
 * Sends rows that cannot be sent as they are to the dead-letter topic. A letter counts in its row's epoch as the row would have, so nothing
 * at or after it is acknowledged to the source before it is delivered. Everything of the row's partition that came before is delivered
 * first: the letter then tells where later messages of its key begin (docs/decisions/0034).
 */
export class DeadLetters {
  private readonly producer: LetterProducer;
  private readonly counts: LetterCounts;
  private readonly row = new RowRecord();
  private readonly message = new Int32Array(LAYOUT.MESSAGE_WORDS);
  private readonly pause = new Int32Array(new SharedArrayBuffer(4));

  constructor(producer: LetterProducer, counts: LetterCounts) {
    this.producer = producer;
    this.counts = counts;
  }

  /**
   * Sends a row for a reason that its encoding gave. The caller has handed over all before it.
   * @returns false when `isStopped` said so first
   */
  send(place: RecordPlace, schema: RoutedSchema, reason: DeadLetterReason, message: string, isStopped: () => boolean): boolean {
    return this.write(place, schema, { reason, message, key: null, cutFrom: null }, isStopped);
  }

  /** Sends a record of a row that the capture refused. */
  sendRefused(place: RecordPlace, schema: RoutedSchema, isStopped: () => boolean): boolean {
    const { bytes, words, record } = place;
    this.row.read(bytes, words, record);
    const start = this.row.newEnd;
    const text = Buffer.from(bytes.subarray(start, start + words[(record + Row.sizeLimit) >> 2]!)).toString('utf8');
    const { code, ...refused } = JSON.parse(text) as RefusedText;
    return this.write(place, schema, { ...refused, reason: code as Refusal['reason'] }, isStopped);
  }

  private write({ bytes, words, record }: RecordPlace, schema: RoutedSchema, refusal: Refusal, isStopped: () => boolean): boolean {
    const isPlaced = words[(record + Row.partition) >> 2] !== NO_PARTITION;
    const target = isPlaced ? words[(record + Row.target) >> 2]! : -1;
    if (isPlaced && !this.waitUntilDelivered(target, isStopped)) return false;
    const offset = isPlaced ? this.producer.offsetOf(target) : -1;
    this.row.read(bytes, words, record);
    // A row that could not be decoded is of no use to whoever sends letters again: its bytes are there to be looked at.
    const cutFrom = schema.schema.form === null ? refusal.cutFrom : (refusal.cutFrom ?? this.row.newEnd - this.row.oldStart);
    const letter = composeLetter(schema, schema.deadLetters!, this.row, record, { ...refusal, cutFrom }, offset, Date.now());
    this.describe(letter, schema.deadLetters!.index, words, record);
    const content = letter.key === null ? letter.value : Buffer.concat([letter.key, letter.value]);
    const headers = headerBytes(letter.headers);
    while (!this.producer.produce(this.message, content, headers, QUEUE_WAIT_MS)) if (isStopped()) return false;
    this.counts.add(refusal.reason, target);
    return true;
  }

  /** Waits until what came before a row of the target is delivered; false when `isStopped` said so first. */
  private waitUntilDelivered(target: number, isStopped: () => boolean): boolean {
    while (this.producer.isInFlight(target)) {
      if (isStopped()) return false;
      Atomics.wait(this.pause, 0, 0, LOOK_MS);
    }
    return true;
  }

  private describe({ key, value, partition }: Letter, topic: number, words: Int32Array, record: number): void {
    const { message } = this;
    message[LAYOUT.MESSAGE_KEY_OFFSET] = 0;
    message[LAYOUT.MESSAGE_KEY_LENGTH] = key === null ? LAYOUT.NULL_LENGTH : key.length;
    message[LAYOUT.MESSAGE_VALUE_OFFSET] = key?.length ?? 0;
    message[LAYOUT.MESSAGE_VALUE_LENGTH] = value.length;
    message[LAYOUT.MESSAGE_TOPIC] = topic;
    message[LAYOUT.MESSAGE_PARTITION] = partition;
    message[LAYOUT.MESSAGE_OPAQUE_LOW] = words[(record + Row.rowInEpoch) >> 2]!;
    message[LAYOUT.MESSAGE_OPAQUE_HIGH] = words[(record + Row.epochAndTable) >> 2]!;
  }
}
