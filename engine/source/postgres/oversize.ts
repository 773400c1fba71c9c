import { MillraceError } from '../../base/errors.ts';
import { LETTER_HEAD_BYTES } from '../../change/dead-letter.ts';
import { ColumnState, OldImage, Operation } from '../../change/operation.ts';
import type { RefusedRow } from '../../change/row-sink.ts';
import { formatLsn } from './lsn.ts';
import { i32, Pgoutput, u32, XLOG_HEADER_BYTES, type StreamTable } from './pgoutput-layout.ts';

export interface OversizeOptions {
  /** Of the message, and the limit that it exceeds, in bytes. */
  readonly length: number;
  readonly limit: number;
  /** The table by the relation's id as a signed word, if it was described. */
  readonly tableOf: (relation: number) => StreamTable | undefined;
}

/** XLogData's header, the message's type, relation id u32, tuple kind u8. */
const BEFORE_IMAGE_BYTES = XLOG_HEADER_BYTES + 1 + 4 + 1;
/** Those and the image's column count u16. */
const HEAD_BYTES = BEFORE_IMAGE_BYTES + 2;
/** State u8, length u32. */
const COLUMN_BYTES = 5;
/** Of each key column's value; the error message needs no more. */
const KEY_TEXT_BYTES = 200;

/**
 * Passes over a row too large to be put together, so that memory stays flat, and keeps of it what the error must name: table, place, key.
 * It sees the message in pieces, cut anywhere.
 */
export class OversizeScanner {
  private readonly options: OversizeOptions;
  private readonly head = new Uint8Array(HEAD_BYTES);
  private headLength = 0;
  private readonly columnHead = new Uint8Array(COLUMN_BYTES);
  private columnHeadLength = 0;
  private column = -1;
  /** Bytes of the current value that are still to come. */
  private valueLeft = 0;
  private readonly key = new Map<number, number[]>();
  /** The image's first bytes, those in `head` apart. */
  private readonly firstBytes = new Uint8Array(LETTER_HEAD_BYTES);
  private firstLength = 0;

  constructor(options: OversizeOptions) {
    this.options = options;
  }

  /** The next bytes of the message. */
  piece(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (this.headLength < HEAD_BYTES && at < end) this.head[this.headLength++] = bytes[at++]!;
    if (this.headLength < HEAD_BYTES || !this.isRow) return;
    const first = bytes.subarray(at, Math.min(end, at + this.firstBytes.length - this.firstLength));
    this.firstBytes.set(first, this.firstLength);
    this.firstLength += first.length;
    const table = this.table;
    const columns = table?.columnCount ?? 0;
    while (at < end && this.column < columns) {
      if (this.valueLeft > 0) {
        const taken = Math.min(this.valueLeft, end - at);
        this.keep(table!, bytes, at, at + taken);
        this.valueLeft -= taken;
        at += taken;
      } else {
        this.columnHead[this.columnHeadLength++] = bytes[at++]!;
        this.readColumnHead();
      }
    }
  }

  private readColumnHead(): void {
    const head = this.columnHead;
    const isValue = head[0] === ColumnState.value;
    if (isValue && this.columnHeadLength < COLUMN_BYTES) return;
    this.column += 1;
    this.columnHeadLength = 0;
    if (isValue) this.valueLeft = u32(head, 1);
  }

  private keep(table: StreamTable, bytes: Uint8Array, start: number, end: number): void {
    if (table.schema === null || !table.schema.keyColumns.includes(this.column)) return;
    let text = this.key.get(this.column);
    if (text === undefined) this.key.set(this.column, (text = []));
    for (let i = start; i < end && text.length < KEY_TEXT_BYTES; i++) text.push(bytes[i]!);
  }

  /** Once the message is over: whether it was a row. A logical message of any size is passed over; nothing else is ever so large. */
  get isRow(): boolean {
    const type = this.head[XLOG_HEADER_BYTES];
    return type === Pgoutput.insert || type === Pgoutput.update || type === Pgoutput.delete;
  }

  get isLogicalMessage(): boolean {
    return this.head[XLOG_HEADER_BYTES] === Pgoutput.message;
  }

  /** The row as far as it is kept: its first image's beginning, of an update the old one's where there is one. Null of an unknown table. */
  get row(): Omit<RefusedRow, 'error'> | null {
    const { table, lsnHigh, lsnLow } = this;
    if (table === undefined) return null;
    const bytes = Buffer.concat([this.head.subarray(BEFORE_IMAGE_BYTES), this.firstBytes.subarray(0, this.firstLength)]);
    const images = { bytes, oldImage: OldImage.none, oldStart: 0, oldEnd: 0, newStart: 0, newEnd: bytes.length };
    const cutFrom = this.options.length - BEFORE_IMAGE_BYTES;
    return { ...images, operation: this.operation, schemaId: table.schemaId, lsnHigh, lsnLow, cutFrom };
  }

  private get operation(): Operation {
    const type = this.head[XLOG_HEADER_BYTES];
    if (type === Pgoutput.insert) return Operation.insert;
    return type === Pgoutput.update ? Operation.update : Operation.delete;
  }

  get lsnHigh(): number {
    return i32(this.head, 1);
  }

  get lsnLow(): number {
    return i32(this.head, 5);
  }

  /** The row's table, if it was described before. */
  get table(): StreamTable | undefined {
    return this.options.tableOf(i32(this.head, XLOG_HEADER_BYTES + 1));
  }

  /** What to say of the row. */
  error(xid: number): MillraceError {
    const { length, limit } = this.options;
    const table = this.table?.name ?? 'an unknown table';
    const lsn = formatLsn(this.lsnHigh, this.lsnLow);
    const key = this.keyText();
    const message =
      `A row of ${table}${key === null ? '' : ` (${key})`} takes ${length} bytes in the stream, at ${lsn} in transaction ${xid}; ` +
      `the memory budget allows ${limit}. Set MILLRACE_MEMORY to at least ${4 * length} and MILLRACE_BUFFER_MEMORY, if it is set, ` +
      `to at least ${length}; or leave the table out of MILLRACE_TABLES.`;
    return new MillraceError('ROW_TOO_LARGE', message, { table, key, lsn, xid, bytes: length, limit });
  }

  private keyText(): string | null {
    const columns = this.table?.schema?.columns;
    if (columns === undefined || this.key.size === 0) return null;
    const decoder = new TextDecoder();
    return [...this.key].map(([column, text]) => `${columns[column]!.name} ${decoder.decode(Uint8Array.from(text))}`).join(', ');
  }
}
