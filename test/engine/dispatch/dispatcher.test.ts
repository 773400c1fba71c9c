import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ColumnKind } from '../../../engine/change/column-kind.ts';
import { OldImage, Operation } from '../../../engine/change/operation.ts';
import type { TableSchema } from '../../../engine/change/table-schema.ts';
import { EpochTracker } from '../../../engine/checkpoint/epochs.ts';
import { Dispatcher } from '../../../engine/dispatch/dispatcher.ts';
import { keyPartition } from '../../../engine/dispatch/partition.ts';
import { compilePlan } from '../../../engine/dispatch/plan.ts';
import { allocateRing, NO_KEY, RecordKind, Row, RowFlag, ROW_HEADER_BYTES } from '../../../engine/ring/layout.ts';
import { RingReader } from '../../../engine/ring/reader.ts';
import { SideArea } from '../../../engine/ring/side.ts';
import { RingWriter } from '../../../engine/ring/writer.ts';

const PARTITIONS = 7;

function schema(id: number, columns: readonly string[], key: readonly number[]): TableSchema {
  return {
    id,
    tableId: id,
    database: 'shop',
    schema: 'public',
    table: `table_${id}`,
    version: id,
    columns: columns.map((name, i) => ({
      name,
      kind: ColumnKind.text,
      sourceType: 'text',
      nullable: true,
      keyPosition: key.indexOf(i),
      length: -1,
      element: null,
    })),
    keyColumns: key,
    primaryKey: key,
    replicaIdentity: 'default',
  };
}

/** A row image of text columns, as pgoutput writes it. */
function image(values: readonly string[]): Uint8Array {
  const parts: Buffer[] = [Buffer.from([values.length >> 8, values.length & 0xff])];
  for (const value of values) {
    const head = Buffer.alloc(5);
    head[0] = 0x74;
    head.writeUInt32BE(Buffer.byteLength(value), 1);
    parts.push(head, Buffer.from(value));
  }
  return Buffer.concat(parts);
}

interface Seen {
  readonly ring: number;
  readonly kind: number;
  readonly key: string | null;
  readonly text: string;
  readonly partition: number;
  readonly commit: boolean;
  readonly xoffset: number;
  readonly epoch: number;
  readonly row: number;
}

class Bench {
  readonly side = new SideArea(1 << 20);
  readonly writers: RingWriter[];
  readonly readers: RingReader[];
  readonly epochs: EpochTracker;
  readonly dispatcher: Dispatcher;
  blocked = 0;

  constructor(rings: number, ringBytes: number, epochRows = 1_000_000) {
    const memories = Array.from({ length: rings }, () => allocateRing(ringBytes, this.side.memory));
    this.writers = memories.map((memory) => new RingWriter(memory, this.side));
    this.readers = memories.map((memory) => new RingReader(memory));
    const words = new Int32Array(new SharedArrayBuffer(64 * 8));
    this.epochs = new EpochTracker({ words, base: 0, stride: 2, slots: 64, outstanding: 0, poisoned: 1 }, this.writers);
    const topic = { name: 't', index: 0, partitions: PARTITIONS, targetBase: 0, maxMessageBytes: 1_000_000 };
    this.dispatcher = new Dispatcher({
      rings: this.writers,
      epochs: this.epochs,
      planOf: (table) => (table.table === 'table_99' ? null : compilePlan(table, table.table, topic, rings)),
      targets: PARTITIONS,
      keyBytesMax: 65_536,
      epochRows,
      epochMs: 1_000_000,
      now: () => 0,
      onBlocked: () => {
        this.blocked += 1;
      },
      onTruncate: () => {},
    });
  }

  insert(table: number, values: readonly string[], lsnLow = 1): boolean {
    const bytes = image(values);
    return this.dispatcher.row(Operation.insert, table, 0, lsnLow, bytes, OldImage.none, 0, 0, 0, bytes.length);
  }

  /** Everything that the workers can see and have not taken. */
  read(): Seen[] {
    return this.readers.flatMap((reader, ring) => {
      const seen: Seen[] = [];
      reader.claim();
      while (reader.next()) seen.push(this.describe(reader, ring));
      reader.release(reader.position);
      return seen;
    });
  }

  private describe(reader: RingReader, ring: number): Seen {
    const at = (field: number) => reader.words[(reader.record + field) >> 2]!;
    if (reader.kind !== RecordKind.row) {
      return { ring, kind: reader.kind, key: null, text: '', partition: -1, commit: false, xoffset: -1, epoch: -1, row: -1 };
    }
    const keyLength = at(Row.keyLength) >>> 0;
    const start = reader.record + ROW_HEADER_BYTES;
    const keyEnd = start + (keyLength === NO_KEY ? 0 : keyLength);
    return {
      ring,
      kind: reader.kind,
      key: keyLength === NO_KEY ? null : Buffer.from(reader.bytes.subarray(start, keyEnd)).toString(),
      text: Buffer.from(reader.bytes.subarray(keyEnd, keyEnd + at(Row.oldLength) + at(Row.newLength))).toString('latin1'),
      partition: at(Row.partition),
      commit: (reader.bytes[reader.record + Row.flags]! & RowFlag.commit) !== 0,
      xoffset: at(Row.xoffset),
      epoch: at(Row.epochAndTable) >>> 16,
      row: at(Row.rowInEpoch),
    };
  }
}

const rowsOf = (seen: readonly Seen[]) => seen.filter(({ kind }) => kind === RecordKind.row);

test('the last row of a transaction stays unseen until the commit has marked it', () => {
  const bench = new Bench(1, 65_536);
  bench.dispatcher.schema(schema(1, ['id'], [0]));
  bench.dispatcher.begin(7, 0, 0);
  bench.insert(1, ['a']);
  bench.insert(1, ['b']);
  bench.dispatcher.flush();
  assert.deepEqual(
    rowsOf(bench.read()).map(({ key, commit }) => [key, commit]),
    [['{"id":"a"}', false]],
  );
  bench.dispatcher.commit(0, 100);
  bench.dispatcher.flush();
  assert.deepEqual(
    rowsOf(bench.read()).map(({ key, commit }) => [key, commit]),
    [['{"id":"b"}', true]],
  );
});

test('the held row is held over all rings: rows of other rings go on', () => {
  const bench = new Bench(3, 65_536);
  bench.dispatcher.schema(schema(1, ['id'], [0]));
  bench.dispatcher.begin(7, 0, 0);
  for (let i = 0; i < 50; i++) bench.insert(1, [`key ${i}`]);
  bench.dispatcher.flush();
  const before = rowsOf(bench.read());
  assert.equal(before.length, 49);
  assert.ok(new Set(before.map(({ ring }) => ring)).size === 3, 'all rings got rows');
  bench.dispatcher.commit(0, 1);
  bench.dispatcher.flush();
  assert.deepEqual(
    rowsOf(bench.read()).map(({ key, commit, xoffset }) => [key, commit, xoffset]),
    [['{"id":"key 49"}', true, 49]],
  );
});

test("a key goes where Kafka's own partitioner puts it, and a partition to one ring only", () => {
  const bench = new Bench(3, 1 << 20);
  bench.dispatcher.schema(schema(1, ['id', 'v'], [0]));
  bench.dispatcher.begin(1, 0, 0);
  for (let i = 0; i < 300; i++) bench.insert(1, [String(i % 40), 'x']);
  bench.dispatcher.commit(0, 1);
  bench.dispatcher.flush();
  const ringOf = new Map<number, number>();
  for (const seen of rowsOf(bench.read())) {
    const key = Buffer.from(seen.key!);
    assert.equal(seen.partition, keyPartition(key, 0, key.length, PARTITIONS));
    assert.equal(ringOf.get(seen.partition) ?? seen.ring, seen.ring);
    ringOf.set(seen.partition, seen.ring);
  }
  assert.equal(ringOf.size, PARTITIONS);
});

test('each ring gets a schema once, before its first row of it', () => {
  const bench = new Bench(2, 65_536);
  bench.dispatcher.schema(schema(1, ['id'], [0]));
  bench.dispatcher.schema(schema(2, ['id'], [0]));
  bench.dispatcher.begin(1, 0, 0);
  for (let i = 0; i < 40; i++) bench.insert(1 + (i % 2), [String(i)]);
  bench.dispatcher.commit(0, 1);
  bench.dispatcher.flush();
  const seen = bench.read();
  for (const ring of [0, 1]) {
    const kinds = seen.filter((one) => one.ring === ring).map(({ kind }) => kind);
    assert.equal(kinds[0], RecordKind.schema);
    assert.equal(kinds.filter((kind) => kind === RecordKind.schema).length, 2);
  }
});

test('a refused row leaves no trace: the same call later gives it once, in its place', () => {
  const bench = new Bench(1, 65_536);
  bench.dispatcher.schema(schema(1, ['id', 'v'], [0]));
  bench.dispatcher.begin(1, 0, 0);
  const value = 'v'.repeat(4000);
  let accepted = 0;
  while (bench.insert(1, [String(accepted), value])) accepted += 1;
  assert.equal(bench.blocked, 1);
  const rows = bench.epochs.rows;
  assert.equal(bench.insert(1, [String(accepted), value]), false);
  assert.equal(bench.epochs.rows, rows);
  const first = rowsOf(bench.read());
  assert.equal(first.length, accepted, 'all were published before the wait: the held row has a successor');
  assert.equal(bench.insert(1, [String(accepted), value]), true);
  bench.dispatcher.commit(0, 1);
  bench.dispatcher.flush();
  const second = rowsOf(bench.read());
  assert.deepEqual(
    [...first, ...second].map(({ key, xoffset, row }) => [key, xoffset, row]),
    Array.from({ length: accepted + 1 }, (_, i) => [`{"id":"${i}"}`, i, i]),
  );
});

test('a row larger than a quarter of the ring takes the side area and can be the marked last one', () => {
  const bench = new Bench(1, 65_536);
  bench.dispatcher.schema(schema(1, ['id', 'v'], [0]));
  bench.dispatcher.begin(1, 0, 0);
  bench.insert(1, ['1', 'x'.repeat(200_000)]);
  bench.dispatcher.commit(0, 1);
  bench.dispatcher.flush();
  const [row] = rowsOf(bench.read());
  assert.equal(row!.commit, true);
  assert.ok(row!.text.endsWith('x'.repeat(200_000)));
});

test('a held row that takes the room of its successor is let go: the two can be larger than the side area together', () => {
  const bench = new Bench(1, 65_536);
  bench.dispatcher.schema(schema(1, ['id', 'text'], [0]));
  bench.dispatcher.begin(1, 0, 0);
  assert.ok(bench.insert(1, ['1', 'x'.repeat(600_000)]));
  assert.equal(bench.insert(1, ['2', 'y'.repeat(600_000)]), false);
  const first = bench.read().filter((seen) => seen.kind === RecordKind.row);
  assert.deepEqual(
    first.map(({ key, commit }) => [key, commit]),
    [['{"id":"1"}', false]],
  );
  assert.ok(bench.insert(1, ['2', 'y'.repeat(600_000)]));
  bench.dispatcher.commit(0, 9);
  bench.dispatcher.flush();
  assert.deepEqual(
    bench.read().map(({ key, commit }) => [key, commit]),
    [['{"id":"2"}', true]],
  );
});

test('rows of a table that is not selected vanish, and the mark moves to the last row that stays', () => {
  const bench = new Bench(1, 65_536);
  bench.dispatcher.schema(schema(1, ['id'], [0]));
  assert.equal(bench.dispatcher.schema({ ...schema(2, ['id'], [0]), table: 'table_99' }), false);
  bench.dispatcher.begin(1, 0, 0);
  bench.insert(1, ['a']);
  assert.equal(bench.insert(2, ['b']), true);
  bench.dispatcher.commit(0, 1);
  bench.dispatcher.flush();
  assert.deepEqual(
    rowsOf(bench.read()).map(({ key, commit }) => [key, commit]),
    [['{"id":"a"}', true]],
  );
});

test('rows without a key have a null key and a place that a replay repeats', () => {
  const places = [0, 1].map(() => {
    const bench = new Bench(1, 1 << 20);
    bench.dispatcher.schema(schema(1, ['v'], []));
    bench.dispatcher.begin(1, 0, 0);
    for (let i = 0; i < 100; i++) bench.insert(1, ['same'], i < 50 ? i : 50);
    bench.dispatcher.commit(0, 1);
    bench.dispatcher.flush();
    return rowsOf(bench.read()).map(({ key, partition }) => [key, partition]);
  });
  assert.deepEqual(places[0], places[1]);
  assert.equal(new Set(places[0]!.map(([, partition]) => partition)).size, PARTITIONS, 'rows of one LSN are spread too');
  assert.ok(places[0]!.every(([key]) => key === null));
});

test('an epoch closes at a commit only, however large its transaction', () => {
  const bench = new Bench(1, 1 << 20, 10);
  bench.dispatcher.schema(schema(1, ['id'], [0]));
  bench.dispatcher.begin(1, 0, 0);
  for (let i = 0; i < 25; i++) bench.insert(1, [String(i)]);
  bench.dispatcher.commit(0, 1);
  for (let t = 0; t < 12; t++) {
    bench.dispatcher.begin(2 + t, 0, 0);
    bench.insert(1, [String(t)]);
    bench.dispatcher.commit(0, 2 + t);
  }
  bench.dispatcher.flush();
  const rows = rowsOf(bench.read());
  assert.deepEqual(
    rows.map(({ epoch }) => epoch),
    [...Array(25).fill(0), ...Array(10).fill(1), ...Array(2).fill(2)],
  );
  assert.deepEqual(
    rows.slice(25).map(({ row }) => row),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1],
  );
});

test('the dispatcher refuses rows while its gate is closed, and takes the same ones behind it', () => {
  const bench = new Bench(1, 65_536);
  bench.dispatcher.schema(schema(1, ['id'], [0]));
  bench.dispatcher.close();
  bench.dispatcher.begin(1, 0, 0);
  assert.equal(bench.insert(1, ['a']), false);
  assert.equal(bench.blocked, 0, 'nobody waits for a ring that has room');
  bench.dispatcher.open();
  assert.equal(bench.insert(1, ['a']), true);
  bench.dispatcher.commit(0, 1);
  bench.dispatcher.flush();
  assert.equal(rowsOf(bench.read()).length, 1);
});
