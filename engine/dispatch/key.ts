import { MillraceError } from '../base/errors.ts';
import type { ByteView } from '../base/byte-view.ts';
import { jsonString } from '../change/json/constant.ts';
import { Template } from '../change/json/template.ts';
import type { TableSchema } from '../change/table-schema.ts';

/** Longest key in bytes; a row with a longer one is a named error. */
export const KEY_BYTES_MAX = 64 * 1024;

/** Writes the message keys of one version of a table. */
export class KeyWriter {
  private readonly table: string;
  private readonly template: Template;

  constructor(table: string, template: Template) {
    this.table = table;
    this.template = template;
  }

  /**
   * Writes the key of the row whose image is `input[start, end)` (of a delete: the old image) to `output[position, ..)` and returns its end.
   * `input[oldStart, oldEnd)`, empty when there is none, is the old image of an update: it holds the key columns that the new image leaves
   * out because they are unchanged and stored out of line.
   * @throws MillraceError ROW_IMAGE_INVALID, VALUE_INVALID; KEY_COLUMN_UNKNOWN; KEY_TOO_LARGE when `output` has no room
   */
  write(input: ByteView, start: number, end: number, output: ByteView, position: number, oldStart: number, oldEnd: number): number {
    const template = this.template;
    const room = output.bytes.length - position;
    if (template.locate(input, start, end, oldStart, oldEnd) > room) {
      const size = template.bound(input);
      if (size > room) failTooLarge(this.table, size, room);
    }
    return template.write(input, output, position);
  }
}

/**
 * The form of a key. Values are as in the message's `data`:
 *
 * | format | key |
 * |---|---|
 * | `primary_key` | `{"id":1}`: the columns under their own names |
 * | `table_primary_key`, `hash` | `{"database":"shop","table":"orders","pk.id":1}`: names in lower case |
 * | `array` | `["shop","orders",[{"id":1}]]`: names in lower case |
 */
export type KeyFormat = 'primary_key' | 'table_primary_key' | 'hash' | 'array';

/** Whether keys of two tables are always different keys. */
export function namesTable(format: KeyFormat): boolean {
  return format !== 'primary_key';
}

/** The writer of a table's keys; null for a table without a key. `table` is what messages call it. */
export function compileKey(schema: TableSchema, format: KeyFormat, table: string): KeyWriter | null {
  const columns = schema.keyColumns;
  if (columns.length === 0) return null;
  const { open, between, prefix, close } = partsOf(format, schema.database, table);
  const before = columns.map((column, i) => {
    const { name } = schema.columns[column]!;
    const written = namesTable(format) ? prefix + name.toLowerCase() : name;
    return Buffer.concat([Buffer.from(i === 0 ? open : between), jsonString(written), Buffer.from(':')]);
  });
  return new KeyWriter(`${schema.schema}.${schema.table}`, new Template(schema, columns, [...before, Buffer.from(close)], 'error'));
}

/**
 * The key of messages about a table, which no row of it has: `{"database":"shop","table":"orders"}`, as an `array` `["shop","orders",[]]`.
 * They need one: a compacted topic takes no message without.
 */
export function markKey(format: KeyFormat, database: string, table: string): Uint8Array {
  return Buffer.from(format === 'array' ? JSON.stringify([database, table, []]) : JSON.stringify({ database, table }));
}

function partsOf(format: KeyFormat, database: string, table: string): Record<'open' | 'between' | 'prefix' | 'close', string> {
  const [d, t] = [database, table].map((name) => Buffer.from(jsonString(name)).toString());
  switch (format) {
    case 'primary_key':
      return { open: '{', between: ',', prefix: '', close: '}' };
    case 'table_primary_key':
    case 'hash':
      return { open: `{"database":${d},"table":${t},`, between: ',', prefix: 'pk.', close: '}' };
    case 'array':
      return { open: `[${d},${t},[{`, between: '},{', prefix: '', close: '}]]' };
  }
}

function failTooLarge(table: string, size: number, room: number): never {
  throw new MillraceError('KEY_TOO_LARGE', `the key of a row of ${table} takes up to ${size} bytes; at most ${room} are possible`, {
    table,
    size,
    limit: room,
  });
}
