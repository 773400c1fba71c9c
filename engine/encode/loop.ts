import { ROW_LAYOUT } from '../../native-bridge/row-layout.ts';
import type { MillraceError } from '../base/errors.ts';
import { deadLetterReason } from '../change/dead-letter.ts';
import type { RowDecoders } from '../change/row-form.ts';
import { Control, FAILURE_OFFSET, RecordKind, type RingMemory, RingState, Row, ROW_HEADER_BYTES } from '../ring/layout.ts';
import { type RecordPlace, RingReader } from '../ring/reader.ts';
import { WAIT_MS_MAX } from '../ring/wait.ts';
import { type MessageBatch, type MessageProducer, QUEUE_WAIT_MS, type RowRunner, describeMessage } from './batch.ts';
import type { DeadLetters } from './dead-letters.ts';
import { ENCODE_FULL, type Encoder, NULL_VALUE } from './encoder.ts';
import { Gathering } from './gathering.ts';
import { KnownTables } from './known-tables.ts';
import type { LargeSlab } from './large.ts';
import { tellOrigin } from './origin-record.ts';
import type { PushClock } from './push-clock.ts';
import { failUnknownSchema } from './row-record.ts';
import { memoryLimit, type SizeLimit, tooLarge, topicLimit } from './too-large.ts';

export interface EncodeLoopParts {
  readonly ring: RingMemory;
  readonly encoder: Encoder;
  /** For rows whose images are not canonical. */
  readonly decoders: RowDecoders;
  readonly batch: MessageBatch;
  /** Native code for the usual rows; null when `encoder` is to write all. */
  readonly rows: RowRunner | null;
  /** The encoder's. */
  readonly clock: PushClock;
  /** Takes the messages of `batch`. */
  readonly producer: MessageProducer;
  readonly large: LargeSlab;
  /** Takes the message of `large`. */
  readonly largeProducer: MessageProducer;
  /** Whether the producer holds messages of a target that it has no report of yet. */
  readonly isInFlight: (target: number) => boolean;
  /** Takes rows that cannot be encoded. */
  readonly deadLetters: DeadLetters;
}

/** What encoding a row came to when it failed. */
const REFUSED = -3;

/** Keys up to this length are copied byte by byte: cheaper than the view that a bulk copy needs. */
const KEY_LOOP_BYTES_MAX = 64;

/**
 * How long messages are held back at most while others of their targets are in flight. The ring is not released meanwhile, and what the
 * producer takes earlier it would only keep itself.
 */
const HOLD_MS_MAX = 100;
/** How often a held target is looked at while no rows come. */
const HOLD_LOOK_MS = 0.5;
/** How often a batch that gathers is looked at meanwhile. */
const GATHER_LOOK_MS = 4;

const NEVER = (): boolean => false;

/**
 * A worker's whole life: records from its ring, message bytes into the slab, full batches to the producer. Runs of usual rows are native
 * code's (docs/decisions/0022); what it leaves, and every error, is the encoder's.
 *
 * A message waits for those before it of its target to be delivered, and only for those: an idempotent producer has one request of five
 * messages or more of a partition under way, so nothing is lost by it, requests are as large as the broker is slow, and a trickle needs no
 * linger time (docs/decisions/0016).
 *
 * The ring is released only up to what the producer has taken, because it counts messages as it takes them, and an epoch is delivered
 * when the ring has passed its end and its count is zero. Allocates for a schema or a long key, nothing for a row.
 */
export class EncodeLoop {
  private readonly reader: RingReader;
  private readonly counters: Float64Array;
  private readonly encoder: Encoder;
  private readonly batch: MessageBatch;
  private readonly rows: RowRunner | null;
  private readonly clock: PushClock;
  private readonly producer: MessageProducer;
  private readonly large: LargeSlab;
  private readonly largeProducer: MessageProducer;
  private readonly isInFlight: (target: number) => boolean;
  private readonly deadLetters: DeadLetters;
  private readonly isStopped: () => boolean;
  /** As `isStopped`, each time that the producer's queue was full. */
  private readonly isStoppedWhenFull: () => boolean;
  private readonly tables: KnownTables;
  private readonly gathering = new Gathering();
  /** The row as it is to be encoded: the reader's, or that decoded. */
  private current: RecordPlace;
  /** Why the last row was REFUSED. */
  private refusal: unknown = null;
  /** Index of the ring behind the last record that is in the batch or needs no hand-over. */
  private taken: number;
  /** When the batch was first offered since it was empty; NaN when it is. A double from the start: the field keeps one representation. */
  private offeredMs = NaN;
  /** The batch waits for more, not for a target. */
  private isGathering = false;

  constructor(parts: EncodeLoopParts) {
    this.reader = new RingReader(parts.ring);
    this.counters = new Float64Array(parts.ring.control, 0, FAILURE_OFFSET / 8);
    this.current = this.reader;
    this.encoder = parts.encoder;
    this.tables = new KnownTables(parts.decoders, parts.large.slab.length);
    this.batch = parts.batch;
    this.rows = parts.rows;
    this.clock = parts.clock;
    this.producer = parts.producer;
    this.large = parts.large;
    this.largeProducer = parts.largeProducer;
    this.isInFlight = parts.isInFlight;
    this.deadLetters = parts.deadLetters;
    this.isStopped = () => this.reader.state > RingState.ended;
    this.isStoppedWhenFull = () => {
      this.counters[Control.queueFull / 2] = this.counters[Control.queueFull / 2]! + 1;
      return this.isStopped();
    };
    this.taken = this.reader.position;
  }

  /**
   * Returns when the ring has ended and the producer has taken everything, or soon after it was stopped.
   * Throws the MillraceError of a row that cannot be encoded and is no dead letter, or cannot be produced; nothing of that row is produced
   * then.
   */
  run(): void {
    for (;;) {
      // The state before the claim: what was published before the end is then seen before the end.
      const state = this.reader.state;
      if (state > RingState.ended) return;
      if (this.reader.claim()) {
        if (!this.drain()) return;
      } else if (state === RingState.ended) {
        this.handOver(NEVER);
        return;
      } else if (this.batch.count > 0) {
        this.reader.sleep(this.isGathering ? GATHER_LOOK_MS : HOLD_LOOK_MS);
        if (!this.offer()) return;
      } else {
        this.reader.sleep(WAIT_MS_MAX);
      }
    }
  }

  /** All that is claimed. False when the ring was stopped before the producer had taken it. */
  private drain(): boolean {
    const reader = this.reader;
    for (;;) {
      if (this.rows !== null && !this.runNative(this.rows)) return false;
      if (!reader.next()) return this.offer();
      if (reader.kind === RecordKind.row || reader.kind === RecordKind.mark) {
        if (!this.row()) return false;
      } else if (reader.kind === RecordKind.refused) {
        if (!this.refused()) return false;
      } else if (reader.kind === RecordKind.origin) {
        tellOrigin(reader, this.encoder);
      } else {
        this.schema();
      }
      this.taken = reader.position;
    }
  }

  /** The rows that native code knows, up to the first that it does not. False when the ring was stopped first. */
  private runNative(rows: RowRunner): boolean {
    const { reader, batch } = this;
    for (;;) {
      const end = batch.run(rows, reader.position, reader.claimedEnd, this.clock.micros());
      reader.skipTo(rows.state[ROW_LAYOUT.RUN_POSITION]!);
      this.taken = reader.position;
      if (end !== ROW_LAYOUT.RUN_FULL) return true;
      if (!this.handOver(NEVER)) return false;
    }
  }

  /** Hands over what need not wait. False when the ring was stopped first. */
  private offer(): boolean {
    const now = performance.now();
    if (Number.isNaN(this.offeredMs)) this.offeredMs = now;
    const age = now - this.offeredMs;
    if (age >= HOLD_MS_MAX) return this.handOver(NEVER);
    this.isGathering = age < this.gathering.forBatchOf(this.batch.count, now);
    return this.isGathering || this.handOver(this.isInFlight);
  }

  private row(): boolean {
    const batch = this.batch;
    if (!this.decode()) return this.letter(this.refusal);
    const { words, record } = this.current;
    if (batch.count === batch.capacity && !this.handOver(NEVER)) return false;
    let end = this.encode(batch.slab, batch.slabEnd);
    if (end === ENCODE_FULL && batch.count > 0) {
      if (!this.handOver(NEVER)) return false;
      end = this.encode(batch.slab, 0);
    }
    if (end === ENCODE_FULL) return this.largeRow();
    const keyLength = words[(record + Row.keyLength) >> 2]!;
    const keyBytes = keyLength < 0 ? 0 : keyLength;
    const size = end === NULL_VALUE ? keyBytes : end - batch.slabEnd;
    const refusal = this.refusalOf(end, size);
    if (refusal !== null) return this.letter(refusal);
    batch.add(words, record, keyLength, end === NULL_VALUE ? -1 : size - keyBytes);
    return true;
  }

  /** Makes the reader's row the current one, decoded where that is needed. False when it cannot be; `refusal` says why. */
  private decode(): boolean {
    this.current = this.reader;
    try {
      this.current = this.tables.canonical(this.reader);
      return true;
    } catch (error) {
      this.refusal = error;
      return false;
    }
  }

  /** As `write`, but REFUSED for a row that the format cannot express; `refusal` says why. */
  private encode(out: Uint8Array, start: number): number {
    try {
      return this.write(out, start);
    } catch (error) {
      this.refusal = error;
      return REFUSED;
    }
  }

  /** The current row's key and value into `out` from `start` on. Returns the value's end, or what `Encoder.encode` returns in its place. */
  private write(out: Uint8Array, start: number): number {
    const { bytes, words, record } = this.current;
    const keyLength = words[(record + Row.keyLength) >> 2]!;
    if (keyLength <= 0) return this.encoder.encode(bytes, words, record, out, start);
    if (keyLength > out.length - start) return ENCODE_FULL;
    const key = record + ROW_HEADER_BYTES;
    if (keyLength <= KEY_LOOP_BYTES_MAX) for (let i = 0; i < keyLength; i++) out[start + i] = bytes[key + i]!;
    else out.set(bytes.subarray(key, key + keyLength), start);
    return this.encoder.encode(bytes, words, record, out, start + keyLength);
  }

  /** The current row by way of the large slab. The batch is empty: all before it has been handed over. */
  private largeRow(): boolean {
    const { words, record } = this.current;
    const large = this.large;
    if (!large.acquire(this.isStopped)) return false;
    const end = this.encode(large.slab, 0);
    const keyLength = words[(record + Row.keyLength) >> 2]!;
    const keyBytes = keyLength < 0 ? 0 : keyLength;
    const size = end === NULL_VALUE ? keyBytes : end;
    const refusal = this.refusalOf(end, size);
    if (refusal !== null) {
      large.release();
      return this.letter(refusal);
    }
    describeMessage(large.messages, 0, words, record, 0, keyLength, keyBytes, end === NULL_VALUE ? -1 : size - keyBytes);
    while (this.largeProducer.produce(0, 1, QUEUE_WAIT_MS) === 0) if (this.isStoppedWhenFull()) return false;
    large.release();
    this.count(1, size - keyBytes);
    return this.passed(true);
  }

  /** The current row goes to the dead-letter topic, after all that came before it. Throws the error where it is no dead letter. */
  private letter(error: unknown): boolean {
    const { current } = this;
    const schema = this.tables.schemaOf(current);
    const reason = deadLetterReason(error);
    if (reason === null || (schema?.deadLetters ?? null) === null) throw error;
    return this.handOver(NEVER) && this.passed(this.deadLetters.send(current, schema!, reason, (error as Error).message, this.isStopped));
  }

  /** As `letter`, for a row that the capture refused. */
  private refused(): boolean {
    const schema = this.tables.schemaOf(this.reader);
    if (schema === undefined) failUnknownSchema(this.reader.words[(this.reader.record + Row.schemaId) >> 2]!);
    return this.handOver(NEVER) && this.passed(this.deadLetters.sendRefused(this.reader, schema, this.isStopped));
  }

  /** Gives back the ring up to the current record, which went out by itself, if it did. */
  private passed(isSent: boolean): boolean {
    if (isSent) this.reader.release(this.reader.position);
    return isSent;
  }

  private schema(): void {
    const { routed, decoder } = this.tables.add(this.reader);
    const program = this.encoder.schema(routed);
    const packed = decoder === null ? null : decoder.packedLayout();
    // Rows of a form that native code cannot read are decoded first.
    if (decoder === null || packed !== null) this.rows?.add(routed.schema.id, program, packed);
  }

  /** Hands the batch over but for what is held, then gives the ring back if nothing is. False when the ring was stopped first. */
  private handOver(isHeld: (target: number) => boolean): boolean {
    const batch = this.batch;
    const { count, valueBytes } = batch;
    if (!batch.handOver(this.producer, this.isStoppedWhenFull, isHeld)) return false;
    if (batch.count < count) this.count(count - batch.count, valueBytes - batch.valueBytes);
    if (batch.count > 0) return true;
    this.offeredMs = NaN;
    this.reader.release(this.taken);
    return true;
  }

  private count(rows: number, valueBytes: number): void {
    const counters = this.counters;
    counters[Control.rows / 2] = counters[Control.rows / 2]! + rows;
    counters[Control.valueBytes / 2] = counters[Control.valueBytes / 2]! + valueBytes;
    counters[Control.batches / 2] = counters[Control.batches / 2]! + 1;
    this.gathering.sent(rows, performance.now());
  }

  /** Why the current row, encoded to `end`, cannot be sent; null when it can. */
  private refusalOf(end: number, size: number): unknown {
    if (end === REFUSED) return this.refusal;
    if (end === ENCODE_FULL) return this.tooLarge(-1, memoryLimit(this.large.slab.length));
    const limit = this.current.words[(this.current.record + Row.sizeLimit) >> 2]!;
    return limit !== 0 && size > limit ? this.tooLarge(size, topicLimit(limit)) : null;
  }

  private tooLarge(size: number, limit: SizeLimit): MillraceError {
    const { bytes, words, record } = this.current;
    const schema = this.tables.schemaOf(this.current)?.schema;
    if (schema === undefined) failUnknownSchema(words[(record + Row.schemaId) >> 2]!);
    return tooLarge(schema, bytes, words, record, size, limit);
  }
}
