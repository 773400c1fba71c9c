import type { PackedLayout } from '../change/packed-layout.ts';
import { LAYOUT } from '../../native-bridge/layout.ts';
import { ROW_LAYOUT, type RowProgram } from '../../native-bridge/row-layout.ts';
import { assert } from '../base/assert.ts';
import { Row } from '../ring/layout.ts';

/** The producer as a batch sees it. */
export interface MessageProducer {
  /**
   * Hands over messages [first, first + count) of the batch's descriptor table, waiting at most `waitMs` while the queue is full.
   * @returns how many were taken, from the first one on; the rest must be offered again before anything else
   * @throws MillraceError for a message that can never be taken
   */
  produce(first: number, count: number, waitMs: number): number;
}

/** Native code that encodes runs of rows from a ring into a batch (`native-bridge/row-encoder.ts`). */
export interface RowRunner {
  /** `ROW_LAYOUT.RUN_*` words. */
  readonly state: Int32Array;
  /** Rows that name this schema are written by `program` from now on. `packed`: how their images are packed, null for canonical ones. */
  add(schemaId: number, program: RowProgram, packed: PackedLayout | null): void;
  /** Encodes records up to the ring's index `claimed`; returns why it ended, `ROW_LAYOUT.RUN_ALL` and the like. */
  run(claimed: number): number;
}

/** How much one batch holds. */
export interface BatchSize {
  /** Bytes of all keys and values. */
  readonly slabBytes: number;
  readonly messages: number;
}

/** How long the producer may wait for its queue before the thread looks at its ring again: what a stop waits for at most. */
export const QUEUE_WAIT_MS = 50;

const WORDS = LAYOUT.MESSAGE_WORDS;

/**
 * Messages on their way from the encoder to the producer: bytes in the slab, one descriptor of MESSAGE_WORDS each.
 *
 *   slab      key value key value key value ...
 *   messages  ┌ as encoded, in the ring's order ┐┌ grouped by target, when there are several ┐
 *             0                                 capacity                                2 x capacity
 *
 * The producer wants runs of one topic-partition. A stable counting sort makes them, so within a target the ring's order stays;
 * a batch of one target is handed over as it is.
 */
export class MessageBatch {
  readonly slab: Uint8Array;
  readonly messages: Int32Array;
  readonly capacity: number;
  count = 0;
  /** Bytes of the slab in use: where the next key goes. */
  slabEnd = 0;
  valueBytes = 0;

  /** By message. */
  readonly targets: Int32Array;
  /** Whether `count` messages have more than one target. */
  private mixed = false;
  /** Number of each target's group in this batch, -1 between batches. */
  private readonly groupOf: Int32Array;
  private readonly groupTarget: Int32Array;
  private readonly groupNext: Int32Array;
  private readonly groupHeld: Uint8Array;

  constructor(size: BatchSize) {
    // Shared memory because the producer's threads read it; allocated by the worker that fills it.
    this.slab = new Uint8Array(new SharedArrayBuffer(size.slabBytes));
    this.messages = new Int32Array(new SharedArrayBuffer(2 * size.messages * WORDS * 4));
    this.capacity = size.messages;
    this.targets = new Int32Array(new SharedArrayBuffer(size.messages * 4));
    this.groupOf = new Int32Array(LAYOUT.TARGET_SLOTS).fill(-1);
    this.groupTarget = new Int32Array(size.messages);
    this.groupNext = new Int32Array(size.messages);
    this.groupHeld = new Uint8Array(size.messages);
  }

  /**
   * Adds the message of the row record at byte `record` of `words`, whose key and value (lengths -1 for null) lie back to back in the
   * slab from `slabEnd` on. The caller has seen that `count` is below `capacity`.
   */
  add(words: Int32Array, record: number, keyLength: number, valueLength: number): void {
    const target = words[(record + Row.target) >> 2]!;
    if (target < 0 || target >= LAYOUT.TARGET_SLOTS) failTarget();
    const count = this.count;
    const keyOffset = this.slabEnd;
    const valueOffset = keyLength < 0 ? keyOffset : keyOffset + keyLength;
    describeMessage(this.messages, count, words, record, keyOffset, keyLength, valueOffset, valueLength);
    this.targets[count] = target;
    if (target !== this.targets[0]) this.mixed = true;
    this.count = count + 1;
    if (valueLength < 0) {
      this.slabEnd = valueOffset;
    } else {
      this.slabEnd = valueOffset + valueLength;
      this.valueBytes += valueLength;
    }
  }

  /**
   * Adds the messages of rows that native code knows, from the ring's index `position` on; `rows.state` then says how far it came.
   * @param micros since 1970, for rows that tell when they were written
   * @returns why it ended, one of `ROW_LAYOUT.RUN_ALL`, `RUN_FULL`, `RUN_UNUSUAL`
   */
  run(rows: RowRunner, position: number, claimed: number, micros: number): number {
    const { state } = rows;
    state[ROW_LAYOUT.RUN_POSITION] = position;
    state[ROW_LAYOUT.RUN_COUNT] = this.count;
    state[ROW_LAYOUT.RUN_SLAB_END] = this.slabEnd;
    state[ROW_LAYOUT.RUN_VALUE_BYTES] = this.valueBytes;
    state[ROW_LAYOUT.RUN_MIXED] = this.mixed ? 1 : 0;
    state[ROW_LAYOUT.RUN_CLOCK_LOW] = micros % 0x1_0000_0000;
    state[ROW_LAYOUT.RUN_CLOCK_HIGH] = Math.floor(micros / 0x1_0000_0000);
    const end = rows.run(claimed);
    this.count = state[ROW_LAYOUT.RUN_COUNT]!;
    this.slabEnd = state[ROW_LAYOUT.RUN_SLAB_END]!;
    this.valueBytes = state[ROW_LAYOUT.RUN_VALUE_BYTES]!;
    this.mixed = state[ROW_LAYOUT.RUN_MIXED] !== 0;
    return end;
  }

  /**
   * Hands over the messages of all targets but those that are held back, offering exactly the rest again for as long as the producer's
   * queue is full. What is held back stays in the batch, in its order.
   * @param giveUp asked each time that the queue was full
   * @param isHeld asked once for each target of the batch
   * @returns false when `giveUp` said so; the batch is of no more use then
   */
  handOver(producer: MessageProducer, giveUp: () => boolean, isHeld: (target: number) => boolean): boolean {
    if (this.count === 0 || (!this.mixed && isHeld(this.targets[0]!))) return true;
    const first = this.mixed ? this.capacity : 0;
    const free = this.mixed ? this.group(isHeld) : this.count;
    for (let taken = 0; taken < free;) {
      taken += producer.produce(first + taken, free - taken, QUEUE_WAIT_MS);
      if (taken < free && giveUp()) return false;
    }
    this.keep(first + free, this.count - free);
    return true;
  }

  /**
   * Copies the descriptors into the table's second half, grouped by target in the order of first messages: the groups that are not held
   * back, then the others. Returns how many messages the former have.
   */
  private group(isHeld: (target: number) => boolean): number {
    const { count, targets, groupOf, groupTarget, groupNext, groupHeld } = this;
    let groups = 0;
    for (let i = 0; i < count; i++) {
      const target = targets[i]!;
      let group = groupOf[target]!;
      if (group < 0) {
        group = groups++;
        groupOf[target] = group;
        groupTarget[group] = target;
        groupNext[group] = 0;
        groupHeld[group] = isHeld(target) ? 1 : 0;
      }
      groupNext[group] = groupNext[group]! + 1;
    }
    const free = this.placeGroups(groups, 0, this.capacity) - this.capacity;
    this.placeGroups(groups, 1, this.capacity + free);
    for (let i = 0; i < count; i++) {
      const group = groupOf[targets[i]!]!;
      const to = groupNext[group]!;
      groupNext[group] = to + 1;
      copyMessage(this.messages, i, to);
    }
    this.mixed = this.retarget(groups, this.capacity + free) > 1;
    for (let group = 0; group < groups; group++) groupOf[groupTarget[group]!] = -1;
    return free;
  }

  /** Turns the sizes of the groups that are held (1) or not (0) into their places, one behind the other. Returns the end of the last. */
  private placeGroups(groups: number, held: 0 | 1, start: number): number {
    let next = start;
    for (let group = 0; group < groups; group++) {
      if (this.groupHeld[group] !== held) continue;
      const size = this.groupNext[group]!;
      this.groupNext[group] = next;
      next += size;
    }
    return next;
  }

  /** Makes `targets` those of the groups that are held, which lie from `start` on. Returns how many groups that are. */
  private retarget(groups: number, start: number): number {
    let held = 0;
    let at = start;
    for (let group = 0; group < groups; group++) {
      if (this.groupHeld[group] === 0) continue;
      held += 1;
      for (; at < this.groupNext[group]!; at++) this.targets[at - start] = this.groupTarget[group]!;
    }
    return held;
  }

  /** Makes the grouped messages [first, first + count) all that the batch holds. Their bytes stay where they are. */
  private keep(first: number, count: number): void {
    this.valueBytes = 0;
    for (let i = 0; i < count; i++) {
      copyMessage(this.messages, first + i, i);
      const length = this.messages[i * WORDS + LAYOUT.MESSAGE_VALUE_LENGTH]!;
      if (length > 0) this.valueBytes += length;
    }
    this.count = count;
    if (count === 0) this.slabEnd = 0;
  }
}

/** Writes descriptor `index` of `messages` for the row record at byte `record` of `words`. Lengths are -1 for what is null. */
export function describeMessage(
  messages: Int32Array,
  index: number,
  words: Int32Array,
  record: number,
  keyOffset: number,
  keyLength: number,
  valueOffset: number,
  valueLength: number,
): void {
  const at = index * WORDS;
  messages[at + LAYOUT.MESSAGE_KEY_OFFSET] = keyOffset;
  messages[at + LAYOUT.MESSAGE_KEY_LENGTH] = keyLength;
  messages[at + LAYOUT.MESSAGE_VALUE_OFFSET] = valueOffset;
  messages[at + LAYOUT.MESSAGE_VALUE_LENGTH] = valueLength;
  messages[at + LAYOUT.MESSAGE_TOPIC] = words[(record + Row.topic) >> 2]!;
  messages[at + LAYOUT.MESSAGE_PARTITION] = words[(record + Row.partition) >> 2]!;
  messages[at + LAYOUT.MESSAGE_OPAQUE_LOW] = words[(record + Row.rowInEpoch) >> 2]!;
  messages[at + LAYOUT.MESSAGE_OPAQUE_HIGH] = words[(record + Row.epochAndTable) >> 2]!;
}

function copyMessage(messages: Int32Array, from: number, to: number): void {
  let source = from * WORDS;
  let target = to * WORDS;
  // Eight single stores: a call of copyWithin costs more than it copies.
  messages[target++] = messages[source++]!;
  messages[target++] = messages[source++]!;
  messages[target++] = messages[source++]!;
  messages[target++] = messages[source++]!;
  messages[target++] = messages[source++]!;
  messages[target++] = messages[source++]!;
  messages[target++] = messages[source++]!;
  messages[target] = messages[source]!;
}

function failTarget(): never {
  assert(false, 'a row names a target beyond the delivery table');
}

assert(WORDS === 8 && LAYOUT.NULL_LENGTH === 0xffffffff, 'descriptors are copied as eight words, and null is -1 in them');
