import { commentProblem, type ReadOrder } from '../../change/table-read.ts';
import { ColumnState } from '../../change/operation.ts';
import type { SourceEvents } from '../source.ts';
import { i32 } from './pgoutput-layout.ts';
import type { RelationMessage } from './relation-message.ts';
import { parseTableName, type TableName } from '../tables.ts';

/** The columns that a signal table has at least. */
export const SIGNAL_COLUMNS = ['id', 'kind', 'data'] as const;
type SignalColumn = (typeof SIGNAL_COLUMNS)[number];

/** One row of it, as text. */
export type SignalRow = Readonly<Record<SignalColumn, string | null>>;

/** Takes the new image of an inserted row, which `rowImageEnd` has looked at. */
export type SignalReader = (bytes: Uint8Array, start: number) => void;

/** Ids stand in paths of the API, in logs and on command lines. */
const ID = /^[\w.:-]{1,64}$/;

/**
 * What a row of a signal table orders; a sentence where it orders nothing.
 *
 * | id | kind | data |
 * |---|---|---|
 * | of the read | `snapshot` | `{"table": "shop.orders", "where": "id > 7", "comment": "audit"}`, the last two or not |
 * | any | `cancel` | `{"id": "..."}`, that of the read |
 */
export function parseSignal({ id, kind, data }: SignalRow): ReadOrder | string {
  if (id === null || !ID.test(id)) return `id: given ${JSON.stringify(id)}, accepted: up to 64 letters, digits, and any of _ . : -`;
  const fields = parsedObject(data);
  if (fields === null) return 'data: accepted: a JSON object';
  switch (kind) {
    case 'snapshot':
      return readOrder(id, fields);
    case 'cancel':
      return typeof fields['id'] === 'string'
        ? { kind: 'cancel-read', id: fields['id'] }
        : 'data: accepted: {"id": "..."} with the id of a read';
    default:
      return `kind: given ${JSON.stringify(kind)}, accepted: snapshot, cancel`;
  }
}

function readOrder(id: string, fields: Readonly<Record<string, unknown>>): ReadOrder | string {
  const { table, where = null, comment = null } = fields;
  const name = typeof table === 'string' ? parseTableName(table) : null;
  if (name === null) return `data: given the table ${JSON.stringify(table)}, accepted: one table, schema.table, without wildcards`;
  if (where !== null && typeof where !== 'string') return 'data: accepted: a text as "where", what follows WHERE in SQL';
  const problem = commentProblem(comment);
  if (problem !== null) return `data: ${problem}`;
  return { kind: 'read-table', id, table: `${name.schema}.${name.table}`, where, comment: comment as string | null };
}

function parsedObject(text: string | null): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}

export interface SignalOptions {
  readonly name: TableName;
  /** Records an order before it returns: what is stored as read afterwards includes the row that it stood in. */
  readonly order: (order: ReadOrder) => void;
  readonly events: SourceEvents;
}

/** A table of the stream whose inserts are orders instead of rows to export. */
export class SignalTable {
  private readonly options: SignalOptions;

  constructor(options: SignalOptions) {
    this.options = options;
  }

  /** What takes the rows of the table as it is described here; null for any other table. */
  readerOf({ schema, table, columns }: Pick<RelationMessage, 'schema' | 'table' | 'columns'>): SignalReader | null {
    const { name } = this.options;
    if (schema !== name.schema || table !== name.table) return null;
    const names = columns.map((column) => column.name);
    return (bytes, start) => {
      const texts = textsOf(bytes, start);
      const textOf = (column: SignalColumn) => texts[names.indexOf(column)] ?? null;
      this.take({ id: textOf('id'), kind: textOf('kind'), data: textOf('data') });
    };
  }

  private take(row: SignalRow): void {
    const { name, order, events } = this.options;
    const parsed = parseSignal(row);
    if (typeof parsed !== 'string') return order(parsed);
    const message = `a row of the signal table ${name.schema}.${name.table} orders nothing: ${parsed}`;
    events.warn('SIGNAL_INVALID', message, { id: row.id });
  }
}

/** By column; null for NULL and for what is not there. */
function textsOf(bytes: Uint8Array, start: number): (string | null)[] {
  const values: (string | null)[] = [];
  let at = start + 2;
  for (let left = (bytes[start]! << 8) | bytes[start + 1]!; left > 0; left--) {
    if (bytes[at] !== ColumnState.value) {
      values.push(null);
      at += 1;
      continue;
    }
    const length = i32(bytes, at + 1);
    values.push(Buffer.from(bytes.buffer, bytes.byteOffset + at + 5, length).toString('utf8'));
    at += 5 + length;
  }
  return values;
}
