import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { PackedLayout } from '../../engine/change/packed-layout.ts';
import { createEncoder } from '../../engine/encode/formats.ts';
import { RecordKind, Row } from '../../engine/ring/layout.ts';
import { LAYOUT } from '../../native-bridge/layout.ts';
import { RowEncoder, type RowMemory } from '../../native-bridge/row-encoder.ts';
import { ROW_LAYOUT } from '../../native-bridge/row-layout.ts';
import { compileBinlogDecoder } from '../../engine/source/mysql/rows/decoder.ts';
import { BINLOG_FORM } from '../../engine/source/mysql/rows/layout.ts';
import { KV_JSON, MAXWELL } from '../support/formats.ts';
import { littleEndian, logColumn, packedImage, withLength } from '../support/packed-rows.ts';
import { rowRecord, tableSchema } from '../support/rows.ts';

const RING_BYTES = 4_096;
const SLAB_BYTES = 16_384;
const CAPACITY = 8;

const TABLE = tableSchema(
  [
    { name: 'id', kind: 'int' },
    { name: 'text', kind: 'text' },
  ],
  ['id'],
);

function memoryOf(): RowMemory {
  return {
    ring: new Uint8Array(new SharedArrayBuffer(RING_BYTES)),
    slab: new Uint8Array(new SharedArrayBuffer(SLAB_BYTES)),
    messages: new Int32Array(new SharedArrayBuffer(CAPACITY * LAYOUT.MESSAGE_WORDS * 4)),
    targets: new Int32Array(new SharedArrayBuffer(CAPACITY * 4)),
  };
}

function programOf(options: typeof MAXWELL | typeof KV_JSON) {
  return createEncoder(options).schema({ schema: TABLE, tableName: 'tx' });
}

/** An encoder that knows the table as kv-json, and a ring that is written from `start` on. */
function works(start = 0) {
  const memory = memoryOf();
  const encoder = new RowEncoder(memory);
  encoder.add(TABLE.id, programOf(KV_JSON));
  let position = start;
  const put = (bytes: Uint8Array): void => {
    memory.ring.set(bytes, position & (RING_BYTES - 1));
    position = (position + bytes.length) | 0;
  };
  const row = (id: number, fields: Partial<Record<keyof typeof Row, number>> = {}): Uint8Array => {
    const { bytes, words } = rowRecord({ operation: 'insert', key: String(id), new: [String(id), 'x'] });
    for (const [field, value] of Object.entries(fields)) words[Row[field as keyof typeof Row] >> 2] = value;
    return bytes;
  };
  const head = (kind: number, length: number): Uint8Array => new Uint8Array(Int32Array.of(length, kind).buffer);
  encoder.state[ROW_LAYOUT.RUN_POSITION] = start;
  const run = (): number => encoder.run(position);
  return { memory, encoder, put, row, head, run, end: () => position };
}

function message({ slab, messages }: RowMemory, index: number) {
  const field = (name: 'KEY' | 'VALUE') => {
    const at = index * LAYOUT.MESSAGE_WORDS;
    const start = messages[at + LAYOUT[`MESSAGE_${name}_OFFSET`]]!;
    return Buffer.from(slab.slice(start, start + messages[at + LAYOUT[`MESSAGE_${name}_LENGTH`]]!)).toString();
  };
  return { key: field('KEY'), value: field('VALUE') };
}

test('a run fills the batch with keys, values and descriptors, over the end of the ring and of its index', () => {
  const { memory, encoder, put, row, head, run, end } = works((2 ** 31 - 256) | 0);
  const length = row(0).length;
  const pad = 256 - length;
  put(row(0, { target: 5, topic: 2, partition: 3, rowInEpoch: 7, epochAndTable: 9 }));
  put(Buffer.concat([head(RecordKind.pad, pad), Buffer.alloc(pad - 8)]));
  put(row(1, { target: 5 }));
  assert.ok(end() < 0, 'the index wraps');
  assert.equal(run(), ROW_LAYOUT.RUN_ALL);
  const { state } = encoder;
  assert.equal(state[ROW_LAYOUT.RUN_POSITION], end());
  assert.deepEqual([state[ROW_LAYOUT.RUN_COUNT], state[ROW_LAYOUT.RUN_MIXED]], [2, 0]);
  assert.deepEqual(message(memory, 0), { key: '0', value: '{"id":0,"text":"x"}' });
  assert.deepEqual(message(memory, 1), { key: '1', value: '{"id":1,"text":"x"}' });
  assert.equal(state[ROW_LAYOUT.RUN_VALUE_BYTES], 2 * '{"id":0,"text":"x"}'.length);
  assert.equal(state[ROW_LAYOUT.RUN_SLAB_END], 2 * '0{"id":0,"text":"x"}'.length);
  assert.deepEqual([...memory.messages.subarray(LAYOUT.MESSAGE_TOPIC, LAYOUT.MESSAGE_WORDS)], [2, 3, 7, 9]);
  assert.deepEqual([...memory.targets.subarray(0, 2)], [5, 5]);
});

test('another target makes the batch mixed, and a full batch ends the run before the row that has no place', () => {
  const { memory, encoder, put, row, run } = works();
  const length = row(0).length;
  for (let id = 0; id <= CAPACITY; id++) put(row(id, { target: id === 3 ? 1 : 0 }));
  assert.equal(run(), ROW_LAYOUT.RUN_FULL);
  const { state } = encoder;
  assert.deepEqual(
    [state[ROW_LAYOUT.RUN_COUNT], state[ROW_LAYOUT.RUN_MIXED], state[ROW_LAYOUT.RUN_POSITION]],
    [CAPACITY, 1, CAPACITY * length],
  );
  state.fill(0);
  state[ROW_LAYOUT.RUN_POSITION] = CAPACITY * length;
  assert.equal(run(), ROW_LAYOUT.RUN_ALL);
  assert.deepEqual(message(memory, 0), { key: '8', value: '{"id":8,"text":"x"}' });
});

test('a slab that may be too full ends the run; a row that is large for any slab is not for it', () => {
  const { encoder, put, row, run } = works();
  put(row(0));
  encoder.state[ROW_LAYOUT.RUN_SLAB_END] = SLAB_BYTES - 100;
  assert.equal(run(), ROW_LAYOUT.RUN_FULL);
  const large = works();
  large.put(rowRecord({ operation: 'insert', new: ['1', 'x'.repeat(SLAB_BYTES / 6 / 4)] }).bytes);
  assert.equal(large.run(), ROW_LAYOUT.RUN_UNUSUAL);
});

test('a run stops before what TypeScript must see: other records, other schemas, odd targets, sizes over the limit, torn records', () => {
  const stops: readonly ((ring: ReturnType<typeof works>) => Uint8Array)[] = [
    ({ head }) => Buffer.concat([head(RecordKind.schema, 16), Buffer.alloc(8)]),
    ({ head }) => Buffer.concat([head(RecordKind.side, 16), Buffer.alloc(8)]),
    ({ head }) => head(RecordKind.row, 0),
    ({ head }) => head(RecordKind.row, 12),
    ({ head }) => head(RecordKind.row, 8),
    ({ head }) => head(RecordKind.pad, RING_BYTES),
    ({ row }) => row(1, { schemaId: 2 }),
    ({ row }) => row(1, { schemaId: -1 }),
    ({ row }) => row(1, { target: -1 }),
    ({ row }) => row(1, { target: LAYOUT.TARGET_SLOTS }),
    ({ row }) => row(1, { sizeLimit: 10 }),
    ({ row }) => row(1, { newLength: 1_000 }),
    ({ row }) => row(1, { newLength: -1 }),
    ({ row }) => row(1, { keyLength: 0x7fff_ffff }),
  ];
  for (const [index, stop] of stops.entries()) {
    const ring = works();
    ring.put(ring.row(0));
    const before = ring.end();
    ring.put(stop(ring));
    assert.equal(ring.run(), ROW_LAYOUT.RUN_UNUSUAL, String(index));
    assert.equal(ring.encoder.state[ROW_LAYOUT.RUN_POSITION], before, String(index));
    assert.equal(ring.encoder.state[ROW_LAYOUT.RUN_COUNT], 1, String(index));
  }
});

test('memory whose sizes do not go together is refused, and so is an encoder that is closed', () => {
  const memory = memoryOf();
  const wrong: readonly Partial<RowMemory>[] = [
    { ring: new Uint8Array(1_000) },
    { ring: new Uint8Array(0) },
    { targets: new Int32Array(0) },
    { messages: new Int32Array(8) },
  ];
  for (const part of wrong) assert.throws(() => new RowEncoder({ ...memory, ...part }), { code: 'INTERNAL' });
  const encoder = new RowEncoder(memory);
  encoder.close();
  encoder.close();
  assert.throws(() => encoder.run(0), { code: 'INTERNAL' });
  assert.throws(() => encoder.add(1, programOf(KV_JSON)), { code: 'INTERNAL' });
});

test('words that are no program are refused; changed ones are refused or lead nowhere but into the batch', () => {
  const { words, constants } = programOf(MAXWELL);
  const ring = works();
  assert.throws(() => ring.encoder.add(1, { words: words.subarray(0, 10), constants }), { code: 'INTERNAL' });
  assert.throws(() => ring.encoder.add(1, { words: words.subarray(0, words.length - 1), constants }), { code: 'INTERNAL' });
  assert.throws(() => ring.encoder.add(1, { words, constants: constants.subarray(0, 20) }), { code: 'INTERNAL' });
  assert.throws(() => ring.encoder.add(-1, { words, constants }), { code: 'INTERNAL' });
  const rows = Buffer.concat([ring.row(1), rowRecord({ operation: 'delete', oldImage: 'key', old: ['1', null] }).bytes]);
  ring.put(rows);
  let refused = 0;
  // How much room a program takes is its own word: that one is not changed.
  const place = fc.nat(words.length - 1).filter((at) => at !== ROW_LAYOUT.PROGRAM_FIXED_BYTES && at !== ROW_LAYOUT.PROGRAM_PLACES);
  const word = fc.oneof(fc.integer(), fc.integer({ min: -2, max: words.length + 2 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(place, word), { minLength: 1, maxLength: 3 }), (changes) => {
      const changed = words.slice();
      for (const [at, value] of changes) changed[at] = value;
      try {
        ring.encoder.add(TABLE.id, { words: changed, constants });
      } catch {
        refused++;
        return;
      }
      ring.encoder.state.fill(0);
      ring.run();
      assert.ok(ring.encoder.state[ROW_LAYOUT.RUN_SLAB_END]! <= SLAB_BYTES);
    }),
    { numRuns: 3_000 },
  );
  assert.ok(refused > 500, `${refused} refused`);
});

/** Images of a number, a label, a set and a text of some character set. */
function packedWorks() {
  const columns = [
    logColumn('longlong'),
    logColumn('enum', { metadata: 1, labels: ['one', 'two'], charset: 'latin1' }),
    logColumn('set', { metadata: 1, labels: ['x', 'y'], charset: 'latin1' }),
    logColumn('varchar', { metadata: 60, charset: 'latin1' }),
  ];
  const schema = {
    ...tableSchema(
      columns.map((_, i) => ({ name: `c${i}`, kind: 'text' })),
      [],
    ),
    form: { name: BINLOG_FORM, layout: { isPartial: true, columns, zone: 'UTC' } },
  };
  const image = packedImage([littleEndian(7n, 8), Buffer.of(2), Buffer.of(3), withLength(Buffer.of(0xe9, 0x41), 1)], true);
  return {
    program: createEncoder(KV_JSON).schema({ schema, tableName: 'tx' }),
    packed: compileBinlogDecoder(schema, null).packedLayout()!,
    image,
  };
}

test('words that are no layout of images are refused; changed ones are refused or lead nowhere but into the batch', () => {
  const { program, packed, image } = packedWorks();
  const { words, constants } = packed;
  const ring = works();
  const refuses = (layout: PackedLayout): void => {
    assert.throws(() => ring.encoder.add(TABLE.id, program, layout), { code: 'INTERNAL' });
  };
  refuses({ words: words.subarray(0, 2), constants });
  refuses({ words: words.subarray(0, words.length - 1), constants });
  refuses({ words, constants: constants.subarray(0, 200) });
  assert.throws(() => ring.encoder.add(TABLE.id, programOf(KV_JSON), packed), { code: 'INTERNAL' }, 'a program of another table');
  ring.put(rowRecord({ operation: 'insert', new: image }).bytes);
  ring.encoder.add(TABLE.id, program, packed);
  assert.equal(ring.run(), ROW_LAYOUT.RUN_ALL);
  assert.equal(message(ring.memory, 0).value, '{"c0":"7","c1":"two","c2":"x,y","c3":"éA"}');
  const seen = { refused: 0, written: 0 };
  const word = fc.oneof(fc.integer(), fc.integer({ min: -2, max: 70 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(words.length - 1), word), { minLength: 1, maxLength: 3 }), (changes) => {
      const changed = words.slice();
      for (const [at, value] of changes) changed[at] = value;
      try {
        ring.encoder.add(TABLE.id, program, { words: changed, constants });
      } catch {
        seen.refused++;
        return;
      }
      ring.encoder.state.fill(0);
      if (ring.run() === ROW_LAYOUT.RUN_ALL) seen.written++;
      assert.ok(ring.encoder.state[ROW_LAYOUT.RUN_SLAB_END]! <= SLAB_BYTES);
    }),
    { numRuns: 3_000 },
  );
  assert.ok(seen.refused > 500 && seen.written > 50, JSON.stringify(seen));
});
