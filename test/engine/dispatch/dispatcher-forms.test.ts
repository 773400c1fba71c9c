import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MillraceError } from '../../../engine/base/errors.ts';
import { OldImage, Operation } from '../../../engine/change/operation.ts';
import type { CompileRowDecoder } from '../../../engine/change/row-form.ts';
import { RecordKind, Row, ROW_HEADER_BYTES } from '../../../engine/ring/layout.ts';
import { INVERTED, invert, inverted } from '../../support/row-forms.ts';
import { rowImage } from '../../support/rows.ts';
import { Bench, letterRoute, schema, type Seen } from './dispatching.ts';

const rowsOf = (seen: readonly Seen[]) => seen.filter(({ kind }) => kind === RecordKind.row);
const asked: (readonly number[] | null)[] = [];
const compile: CompileRowDecoder = (_, columns) => (asked.push(columns), inverted);
const raw = (...values: string[]) => invert(rowImage(values));

function formed(rings = 1, keyChange: 'update' | 'delete-insert' = 'update'): Bench {
  const bench = new Bench(rings, 65_536, 1_000_000, keyChange);
  bench.decoders = { inverted: compile };
  bench.dispatcher.schema({ ...schema(1, ['v', 'id'], [1]), form: INVERTED });
  return bench;
}

function insert(bench: Bench, v: string, id: string): boolean {
  const bytes = raw(v, id);
  return bench.dispatcher.row(Operation.insert, 1, 0, 1, bytes, OldImage.none, 0, 0, 0, bytes.length);
}

function update(bench: Bench, old: readonly string[], now: readonly string[]): boolean {
  const bytes = Buffer.concat([raw(...old), raw(...now)]);
  const middle = raw(...old).length;
  return bench.dispatcher.row(Operation.update, 1, 0, 1, bytes, OldImage.full, 0, middle, middle, bytes.length);
}

test('a row in a form of its log has the key and partition of its decoded columns, and is copied as it is', () => {
  asked.length = 0;
  const bench = formed(3);
  const plain = new Bench(3, 65_536);
  plain.dispatcher.schema(schema(1, ['v', 'id'], [1]));
  for (const { dispatcher } of [bench, plain]) dispatcher.begin(0, 7, 0, 0);
  for (let id = 0; id < 20; id++) {
    insert(bench, 'x', String(id));
    plain.insert(1, ['x', String(id)]);
  }
  for (const { dispatcher } of [bench, plain]) {
    dispatcher.commit(0, 1);
    dispatcher.flush();
  }
  const [inForm, canonical] = [rowsOf(bench.read()), rowsOf(plain.read())];
  assert.deepEqual(asked, [[1]], 'of the key alone');
  const placed = ({ ring, key, partition, xoffset, commit }: Seen) => [ring, key, partition, xoffset, commit];
  assert.deepEqual(inForm.map(placed), canonical.map(placed));
  assert.deepEqual(
    inForm.map(({ text }) => invert(Buffer.from(text, 'latin1')).toString('latin1')),
    canonical.map(({ text }) => text),
  );
});

test('a changed key is seen in decoded columns, and both halves are copied as they are', () => {
  const bench = formed(1, 'delete-insert');
  bench.dispatcher.begin(0, 7, 0, 0);
  update(bench, ['1', 'a'], ['2', 'a']);
  update(bench, ['2', 'a'], ['2', 'b']);
  bench.dispatcher.commit(0, 1);
  bench.dispatcher.flush();
  const seen = rowsOf(bench.read());
  assert.deepEqual(
    seen.map(({ operation, key }) => [operation, key]),
    [
      [Operation.update, '{"id":"a"}'],
      [Operation.delete, '{"id":"a"}'],
      [Operation.insert, '{"id":"b"}'],
    ],
  );
  assert.equal(seen[1]!.text, raw('2', 'a').toString('latin1'));
});

test('a refused row has its place by its decoded key', () => {
  const bench = formed();
  const plan = bench.plan({ ...schema(2, ['v', 'id'], [1]), form: INVERTED }, letterRoute(1));
  bench.plans.set('table_2', plan);
  bench.dispatcher.schema(plan.schema);
  bench.dispatcher.begin(0, 7, 0, 0);
  const bytes = raw('x', 'a');
  const images = { bytes, oldImage: OldImage.none, oldStart: 0, oldEnd: 0, newStart: 0, newEnd: bytes.length };
  const error = new MillraceError('VALUE_INVALID', 'wrong');
  bench.dispatcher.refused({ ...images, error, operation: Operation.insert, schemaId: 2, lsnHigh: 0, lsnLow: 1, cutFrom: null });
  bench.dispatcher.flush();
  const [reader] = bench.readers;
  reader!.claim();
  while (reader!.next() && reader!.kind !== RecordKind.refused);
  assert.equal(reader!.kind, RecordKind.refused);
  const start = reader!.record + ROW_HEADER_BYTES;
  assert.equal(Buffer.from(reader!.bytes.slice(start, start + 10)).toString(), '{"id":"a"}');
  assert.deepEqual(Buffer.from(reader!.bytes.slice(start + 10, start + 10 + bytes.length)), bytes);
});

test('rows tell the time that the log gives them, the xid of 64 bits, and that there is none', () => {
  const bench = formed();
  const { dispatcher } = bench;
  const flagsAndXid = () => {
    const found: unknown[] = [];
    const [reader] = bench.readers;
    reader!.claim();
    while (reader!.next()) {
      if (reader!.kind !== RecordKind.row) continue;
      const word = (field: number) => reader!.words[(reader!.record + field) >> 2]!;
      found.push([word(Row.xidHigh), word(Row.xid), reader!.bytes[reader!.record + Row.flags], word(Row.commitMicrosLow)]);
    }
    reader!.release(reader!.position);
    return found;
  };
  dispatcher.begin(3, 7, 0, 100);
  insert(bench, 'x', '1');
  dispatcher.rowTime(0, 90);
  insert(bench, 'x', '2');
  dispatcher.commit(0, 1);
  dispatcher.beginWithoutXid(0, 200);
  insert(bench, 'x', '3');
  insert(bench, 'x', '4');
  dispatcher.commit(0, 2);
  dispatcher.begin(0, 8, 0, 300);
  insert(bench, 'x', '5');
  dispatcher.commit(0, 3);
  dispatcher.flush();
  assert.deepEqual(flagsAndXid(), [
    [3, 7, 0, 100],
    [3, 7, 1, 90],
    [0, 0, 4, 200],
    [0, 0, 5, 200],
    [0, 8, 1, 300],
  ]);
});

test('each ring hears of a transaction who made it before the first of its rows there, and no other does', () => {
  const bench = formed(3);
  const { dispatcher } = bench;
  const { schema: table, origin, row } = RecordKind;
  /** What each ring was given, in its order. */
  const given = () => {
    const seen = bench.read();
    return [0, 1, 2].map((ring) => seen.filter((each) => each.ring === ring).map(({ kind }) => kind));
  };
  const transaction = (gtid: string, ids: readonly string[]) => {
    dispatcher.begin(0, 7, 0, 0);
    dispatcher.origin(gtid, 1, 5);
    for (const id of ids) insert(bench, 'x', id);
    dispatcher.commit(0, 1);
    dispatcher.flush();
    return given();
  };
  const one = transaction('0-1-7', ['1', '1']);
  assert.deepEqual(
    one.filter((kinds) => kinds.length > 0),
    [[table, origin, row, row]],
  );
  const many = transaction(
    '0-1-8',
    Array.from({ length: 20 }, (_, id) => String(id)),
  );
  for (const kinds of many) {
    assert.equal(kinds.filter((kind) => kind === origin).length, 1);
    assert.ok(kinds.indexOf(origin) < kinds.indexOf(row));
  }
});
