import { ColumnState, OldImage, Operation } from '../../engine/change/operation.ts';
import type { RefusedRow, RowSink } from '../../engine/change/row-sink.ts';
import { formatLsn } from '../../engine/source/postgres/lsn.ts';
import { cutText, LineSink, nameOf, OPERATIONS, timeText } from './line-sink.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * A sink that writes down every call as a line:
 *
 *   begin 787 2026-11-21T15:00:00.123456Z
 *   update public.tx old-key(h1,null) new(h2,"a b",~)      ~ is an unchanged value, text with other characters is JSON
 *   commit 0/17A6438
 */
export class RecordingSink extends LineSink implements RowSink {
  /** The places of the rows, one for each line of a row. */
  readonly rowLsns: string[] = [];
  /** The names of the key columns of each row's table. */
  readonly rowKeys: string[] = [];
  flushes = 0;
  /** Rows beyond this count are refused. */
  limit = Infinity;
  takesRefused = false;
  /** Rows that came as dead letters, one for each line `refused`. */
  readonly refusedRows: RefusedRow[] = [];

  begin(xidHigh: number, xidLow: number, commitMicrosHigh: number, commitMicrosLow: number): void {
    // PostgreSQL's number without its sign.
    const xid = (BigInt(Math.max(0, xidHigh)) << 32n) | BigInt(xidLow >>> 0);
    this.lines.push(`begin ${xid} ${timeText(commitMicrosHigh, commitMicrosLow)}`);
  }

  rowTime(microsHigh: number, microsLow: number): void {
    this.lines.push(`time ${timeText(microsHigh, microsLow)}`);
  }

  origin(gtid: string | null, serverId: number, threadId: number): void {
    this.lines.push(`origin ${gtid ?? '-'} server ${serverId} thread ${threadId}`);
  }

  row(
    operation: Operation,
    schemaId: number,
    lsnHigh: number,
    lsnLow: number,
    bytes: Uint8Array,
    oldImage: OldImage,
    oldStart: number,
    oldEnd: number,
    newStart: number,
    newEnd: number,
  ): boolean {
    if (this.refuses()) return false;
    if (this.rowLsns.length >= this.limit) return false;
    const schema = this.schemaOf(schemaId);
    const name = nameOf(schema);
    const parts = [`${OPERATIONS[operation]} ${name}`];
    if (oldImage !== OldImage.none) parts.push(`old-${oldImage === OldImage.key ? 'key' : 'full'}(${imageText(bytes, oldStart, oldEnd)})`);
    if (operation !== Operation.delete) parts.push(`new(${imageText(bytes, newStart, newEnd)})`);
    this.lines.push(parts.join(' '));
    this.rowLsns.push(formatLsn(lsnHigh, lsnLow));
    this.rowKeys.push(schema.keyColumns.map((index) => schema.columns[index]!.name).join(','));
    return true;
  }

  refused(row: RefusedRow): boolean {
    if (this.refuses()) return false;
    this.lines.push(`refused ${row.error.code} ${OPERATIONS[row.operation]} ${nameOf(this.schemaOf(row.schemaId))}`);
    this.refusedRows.push({ ...row, bytes: Uint8Array.from(row.bytes.subarray(Math.min(row.oldStart, row.newStart), row.newEnd)) });
    return true;
  }

  commit(positionHigh: number, positionLow: number): void {
    this.lines.push(`commit ${formatLsn(positionHigh, positionLow)}`);
  }

  idle(positionHigh: number, positionLow: number): void {
    this.lines.push(`idle ${formatLsn(positionHigh, positionLow)}`);
  }

  flush(): void {
    this.flushes += 1;
  }
}

/** Reads a row image; one that is not exactly `[start, end)` throws. */
function imageText(bytes: Uint8Array, start: number, end: number): string {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  const values: string[] = [];
  let at = 2;
  for (let left = view.readUInt16BE(0); left > 0; left--) {
    const state = view[at++];
    if (state === ColumnState.null) values.push('null');
    else if (state === ColumnState.unchanged) values.push('~');
    else {
      const length = view.readUInt32BE(at);
      values.push(valueText(UTF8.decode(view.subarray(at + 4, at + 4 + length))));
      at += 4 + length;
    }
  }
  if (at !== view.length) throw new Error(`a row image of ${view.length} bytes ends at ${at}`);
  return values.join(',');
}

function valueText(text: string): string {
  if (text.length > 100) return cutText(text);
  return /^[\w.:+-]+$/.test(text) && text !== 'null' ? text : JSON.stringify(text);
}
