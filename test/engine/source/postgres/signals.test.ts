import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ReadOrder } from '../../../../engine/change/table-read.ts';
import { parseSignal, SignalTable } from '../../../../engine/source/postgres/signals.ts';
import * as frames from '../../../support/pgoutput-frames.ts';
import { StreamReader } from '../../../support/pgoutput-reader.ts';
import { RecordingSink } from '../../../support/recording-sink.ts';
import type { ImageValue } from '../../../support/rows.ts';

const DATA = '{"table": "shop.orders"}';
const SIGNALS = { id: 7, schema: 'shop', table: 'millrace_signal' } as const;
const ROWS = { id: 8, schema: 'shop', table: 'orders', columns: [['*id', 23]] } as const;

/** A stream with a signal table; what it ordered and warned of. */
function stage() {
  const orders: ReadOrder[] = [];
  const warnings: string[] = [];
  const events = { warn: (code: string, message: string) => void warnings.push(`${code}: ${message}`), info: () => undefined };
  const name = { schema: 'shop', table: 'millrace_signal' };
  const signals = new SignalTable({ name, order: (order) => void orders.push(order), events });
  const reader = new StreamReader(new RecordingSink(), 1_000_000, signals);
  let end = 1000n;
  const transaction = (...changes: readonly Buffer[]) => {
    end += 1000n;
    reader.read(frames.begin(end - 100n, end - 8n, 5), ...changes, frames.commit(end - 8n, end - 8n, end));
  };
  return { orders, warnings, reader, transaction };
}

const insert = (relation: number, ...values: readonly ImageValue[]) => frames.insert(10n, relation, values);
const describeSignals = (...columns: readonly string[]) => frames.relation(0n, { ...SIGNALS, columns: columns.map((name) => [name]) });

describe('a row of the signal table', () => {
  it('orders a table to be read, or read no further', () => {
    const read = { kind: 'read-table', id: 'a-1', table: 'shop.orders' };
    assert.deepEqual(parseSignal({ id: 'a-1', kind: 'snapshot', data: DATA }), { ...read, where: null, comment: null });
    const where = '{"table": "shop.orders", "where": "id > 7", "comment": "for the audit"}';
    assert.deepEqual(parseSignal({ id: 'a-1', kind: 'snapshot', data: where }), { ...read, where: 'id > 7', comment: 'for the audit' });
    const quoted = String.raw`{"table": "shop.\"odd.name\"", "where": null}`;
    assert.deepEqual(parseSignal({ id: 'a-1', kind: 'snapshot', data: quoted }), {
      ...read,
      table: 'shop.odd.name',
      where: null,
      comment: null,
    });
    assert.deepEqual(parseSignal({ id: 'b', kind: 'cancel', data: '{"id": "a-1"}' }), { kind: 'cancel-read', id: 'a-1' });
  });

  it('orders nothing when it says something else', () => {
    for (const [row, reason] of [
      [{ id: null, kind: 'snapshot', data: DATA }, /^id: given null/],
      [{ id: 'a b', kind: 'snapshot', data: DATA }, /^id: given "a b", accepted: up to 64/],
      [{ id: 'x'.repeat(65), kind: 'snapshot', data: DATA }, /^id: /],
      [{ id: 'a', kind: 'execute', data: DATA }, /^kind: given "execute", accepted: snapshot, cancel$/],
      [{ id: 'a', kind: null, data: DATA }, /^kind: given null/],
      [{ id: 'a', kind: 'snapshot', data: null }, /^data: accepted: a JSON object$/],
      [{ id: 'a', kind: 'snapshot', data: '["shop.orders"]' }, /^data: accepted: a JSON object$/],
      [{ id: 'a', kind: 'snapshot', data: '{' }, /^data: accepted: a JSON object$/],
      [{ id: 'a', kind: 'snapshot', data: '{}' }, /^data: given the table undefined, accepted: one table/],
      [{ id: 'a', kind: 'snapshot', data: '{"table": "shop.*"}' }, /^data: given the table "shop\.\*"/],
      [{ id: 'a', kind: 'snapshot', data: '{"table": "a", "where": 1}' }, /^data: accepted: a text as "where"/],
      [{ id: 'a', kind: 'snapshot', data: '{"table": "a", "comment": 1}' }, /^data: comment: accepted: a text of up to 1000/],
      [{ id: 'a', kind: 'cancel', data: DATA }, /^data: accepted: \{"id": "\.\.\."\}/],
    ] as const) {
      const parsed = parseSignal(row);
      assert.ok(typeof parsed === 'string', JSON.stringify(row));
      assert.match(parsed, reason);
    }
  });
});

describe('the signal table in the stream', () => {
  it('gives orders in the order of the stream, and none of its rows to the sink', () => {
    const { orders, reader, transaction } = stage();
    transaction(
      frames.relation(0n, ROWS),
      describeSignals('*id', 'kind', 'data'),
      insert(8, '1'),
      insert(7, 'a', 'snapshot', DATA),
      insert(8, '2'),
    );
    transaction(insert(7, 'b', 'cancel', '{"id": "a"}'));
    assert.deepEqual(
      orders.map(({ kind, id }) => `${kind} ${id}`),
      ['read-table a', 'cancel-read a'],
    );
    const rows = reader.sink.lines.filter((line) => line.startsWith('insert'));
    assert.equal(rows.length, 2, reader.sink.lines.join('\n'));
    assert.equal(reader.sink.lines.filter((line) => line.startsWith('commit')).length, 2, 'its transactions are progress');
  });

  it('may have its columns in any order, and more of them', () => {
    const { orders, transaction } = stage();
    transaction(describeSignals('made_at', 'data', '*id', 'kind'), insert(7, 'now', DATA, 'a', 'snapshot'));
    transaction(describeSignals('*id', 'kind', 'data'), insert(7, 'b', 'snapshot', DATA));
    assert.deepEqual(
      orders.map(({ id }) => id),
      ['a', 'b'],
    );
  });

  it('orders nothing by updates and deletes', () => {
    const { orders, warnings, transaction } = stage();
    transaction(
      describeSignals('*id', 'kind', 'data'),
      frames.update(10n, 7, ['a', 'snapshot', DATA]),
      frames.remove(11n, 7, 'K', ['a', null, null]),
    );
    assert.deepEqual([orders, warnings], [[], []]);
  });

  it('passes over what it does not understand, with a warning', () => {
    const { orders, warnings, transaction } = stage();
    transaction(describeSignals('*id', 'kind', 'data'), insert(7, 'a', 'execute', DATA), insert(7, 'b', 'snapshot', DATA));
    assert.deepEqual(warnings, [
      'SIGNAL_INVALID: a row of the signal table shop.millrace_signal orders nothing: kind: given "execute", accepted: snapshot, cancel',
    ]);
    assert.equal(orders.length, 1);
  });
});
