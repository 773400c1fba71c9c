import { MillraceError } from '../base/errors.ts';
import { rowPositionText } from '../change/position.ts';
import type { TableSchema } from '../change/table-schema.ts';
import { Row, ROW_HEADER_BYTES } from '../ring/layout.ts';

/** Most bytes of a key that an error shows. */
const KEY_BYTES_SHOWN = 200;

/** What a message was too large for: `what` names the limit and the way to raise it. */
export interface SizeLimit {
  readonly bytes: number;
  readonly what: string;
}

/** Of a topic, for key and value. */
export function topicLimit(bytes: number): SizeLimit {
  return { bytes, what: "the topic's max.message.bytes, less the framing of a message," };
}

/** Of the place that large messages are made in. */
export function memoryLimit(bytes: number): SizeLimit {
  return { bytes, what: 'the memory budget (a quarter of MILLRACE_MEMORY, at most MILLRACE_BUFFER_MEMORY)' };
}

/**
 * @param size bytes of key and value; -1 when it is only known to be over the limit
 * @returns MESSAGE_TOO_LARGE naming the table, key and position of the row record at byte `record` of `bytes`
 */
export function tooLarge(
  schema: Pick<TableSchema, 'schema' | 'table' | 'logName'>,
  bytes: Uint8Array,
  words: Int32Array,
  record: number,
  size: number,
  limit: SizeLimit,
): MillraceError {
  const key = shownKey(bytes, words, record);
  const table = `${schema.schema}.${schema.table}`;
  const position = positionOf(schema, words, record);
  const takes = size < 0 ? `more than ${limit.bytes}` : `${size}`;
  return new MillraceError(
    'MESSAGE_TOO_LARGE',
    `the message of the row with key ${key} of table ${table} at ${position} takes ${takes} bytes, ` +
      `and ${limit.what} allows ${limit.bytes}; raise the limit or exclude the table`,
    { table, key, position, bytes: size, limit: limit.bytes },
  );
}

/** Where the row of a record lies, as the source writes it. */
export function positionOf({ logName }: Pick<TableSchema, 'logName'>, words: Int32Array, record: number): string {
  return rowPositionText(logName, words[(record + Row.lsnHigh) >> 2]!, words[(record + Row.lsnLow) >> 2]!);
}

/** The key of a row record as text, cut when it is long. */
export function shownKey(bytes: Uint8Array, words: Int32Array, record: number): string {
  const length = words[(record + Row.keyLength) >> 2]!;
  if (length < 0) return 'null';
  const start = record + ROW_HEADER_BYTES;
  const shown = Math.min(length, KEY_BYTES_SHOWN);
  const text = Buffer.from(bytes.subarray(start, start + shown)).toString('utf8');
  return shown < length ? `${text}... (${length} bytes)` : text;
}
