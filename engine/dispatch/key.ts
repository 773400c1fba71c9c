import { MillraceError } from '../base/errors.ts';
import type { ByteView } from '../base/byte-view.ts';
import { jsonString } from '../change/json/constant.ts';
import { Template } from '../change/json/template.ts';
import type { TableSchema } from '../change/table-schema.ts';

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
 * Keys in the format `primary_key`: an object of the key columns under their own names, `{"id":1}`, values as in the message's `data`.
 * Null for a table without a key.
 */
export function compileKey(schema: TableSchema): KeyWriter | null {
  const columns = schema.keyColumns;
  if (columns.length === 0) return null;
  const before = columns.map((column, i) =>
    Buffer.concat([Buffer.from(i === 0 ? '{' : ','), jsonString(schema.columns[column]!.name), Buffer.from(':')]),
  );
  const template = new Template(schema, columns, [...before, Buffer.from('}')], 'error');
  return new KeyWriter(`${schema.schema}.${schema.table}`, template);
}

function failTooLarge(table: string, size: number, room: number): never {
  throw new MillraceError('KEY_TOO_LARGE', `the key of a row of ${table} takes up to ${size} bytes; at most ${room} are possible`, {
    table,
    size,
    limit: room,
  });
}
