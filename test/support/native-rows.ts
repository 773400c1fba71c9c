import assert from 'node:assert/strict';
import type { PackedLayout } from '../../engine/change/packed-layout.ts';
import type { SchemaRecord } from '../../engine/change/schema-record.ts';
import { ENCODE_FULL, type Encoder, NULL_VALUE } from '../../engine/encode/encoder.ts';
import { LAYOUT } from '../../native-bridge/layout.ts';
import { RowEncoder } from '../../native-bridge/row-encoder.ts';
import { ROW_LAYOUT, type RowProgram } from '../../native-bridge/row-layout.ts';

/** A row record as `rowRecord` makes it. */
export interface RecordBytes {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly record: number;
}

/** What became of one row: its value, null for none; `full` without enough room, `unusual` when it is left to TypeScript. */
export type NativeValue = Buffer | null | 'full' | 'unusual';

const RING_BYTES = 262_144;
const GUARD_BYTES = 64;
const GUARD = 0xee;
const TARGETS = 4;

/** Native code with a ring and a batch of its own, for one row at a time. */
export class NativeRows {
  private readonly ring = new Uint8Array(new SharedArrayBuffer(RING_BYTES));
  private readonly memory: Uint8Array;
  private readonly slab: Uint8Array;
  private readonly messages = new Int32Array(new SharedArrayBuffer(TARGETS * LAYOUT.MESSAGE_WORDS * 4));
  private readonly encoder: RowEncoder;

  /** @param room bytes of the slab */
  constructor(room: number) {
    this.memory = new Uint8Array(new SharedArrayBuffer(room + 2 * GUARD_BYTES)).fill(GUARD);
    this.slab = this.memory.subarray(GUARD_BYTES, GUARD_BYTES + room);
    const targets = new Int32Array(new SharedArrayBuffer(TARGETS * 4));
    this.encoder = new RowEncoder({ ring: this.ring, slab: this.slab, messages: this.messages, targets });
  }

  add(schemaId: number, program: RowProgram, packed: PackedLayout | null = null): void {
    this.encoder.add(schemaId, program, packed);
  }

  /** Encodes the record, which lies at the ring's end, with the slab filled up to `slabEnd`, and looks that nothing else was touched. */
  encode({ bytes, words, record }: RecordBytes, slabEnd = 0, micros = 0): NativeValue {
    const length = words[record >> 2]!;
    const { ring, slab, messages, memory } = this;
    const { state } = this.encoder;
    ring.set(bytes.subarray(record, record + length), RING_BYTES - length);
    memory.fill(GUARD);
    state.fill(0);
    state[ROW_LAYOUT.RUN_POSITION] = RING_BYTES - length;
    state[ROW_LAYOUT.RUN_SLAB_END] = slabEnd;
    state[ROW_LAYOUT.RUN_CLOCK_LOW] = micros % 0x1_0000_0000;
    state[ROW_LAYOUT.RUN_CLOCK_HIGH] = Math.floor(micros / 0x1_0000_0000);
    const end = this.encoder.run(RING_BYTES);
    const outside = [memory.subarray(0, GUARD_BYTES + slabEnd), memory.subarray(GUARD_BYTES + slab.length)];
    assert.ok(outside.every((part) => part.every((byte) => byte === GUARD)));
    const isTaken = end === ROW_LAYOUT.RUN_ALL;
    const after = [state[ROW_LAYOUT.RUN_POSITION]!, state[ROW_LAYOUT.RUN_COUNT]!];
    assert.deepEqual(after, isTaken ? [RING_BYTES, 1] : [RING_BYTES - length, 0]);
    if (!isTaken) return end === ROW_LAYOUT.RUN_FULL ? 'full' : 'unusual';
    const start = messages[LAYOUT.MESSAGE_VALUE_OFFSET]!;
    const valueLength = messages[LAYOUT.MESSAGE_VALUE_LENGTH]!;
    assert.equal(state[ROW_LAYOUT.RUN_SLAB_END], start + Math.max(0, valueLength));
    assert.equal(state[ROW_LAYOUT.RUN_VALUE_BYTES], Math.max(0, valueLength));
    return valueLength < 0 ? null : Buffer.from(slab.slice(start, start + valueLength));
  }
}

const ROOM = 65_536;

/**
 * Encodes one row by the encoder and by native code, which writes the same or leaves it to the encoder. Throws what the encoder throws;
 * native code must have left that row.
 * @returns the value; null for a message without one
 */
export function encodeBothWays(encoder: Encoder, schema: SchemaRecord, row: RecordBytes): Buffer | null {
  const native = new NativeRows(ROOM);
  native.add(schema.schema.id, encoder.schema(schema));
  const byNative = native.encode(row);
  const out = new Uint8Array(ROOM);
  let end: number;
  try {
    end = encoder.encode(row.bytes, row.words, row.record, out, 5);
  } catch (error) {
    assert.equal(byNative, 'unusual');
    throw error;
  }
  assert.notEqual(end, ENCODE_FULL);
  const value = end === NULL_VALUE ? null : Buffer.from(out.subarray(5, end));
  if (typeof byNative !== 'string') assert.equal(withoutTime(byNative), withoutTime(value));
  return value;
}

/** The two write at different times. */
function withoutTime(value: Buffer | null): string | undefined {
  return value?.toString('latin1').replace(/"(push_ts|pushTs)":[\d.]+/, '"$1":0');
}
