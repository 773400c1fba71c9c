import { ColumnState, OldImage, Operation } from '../../engine/change/operation.ts';
import type { RefusedRow, RowSink } from '../../engine/change/row-sink.ts';
import type { TableSchema } from '../../engine/change/table-schema.ts';
import { formatLsn } from '../../engine/source/postgres/lsn.ts';

const OPERATIONS = ['insert', 'update', 'delete'];
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * A sink that writes down every call as a line:
 *
 *   begin 787 2026-11-21T15:00:00.123456Z
 *   update public.tx old-key(h1,null) new(h2,"a b",~)      ~ is an unchanged value, text with other characters is JSON
 *   commit 0/17A6438
 */
export class RecordingSink implements RowSink {
  readonly lines: string[] = [];
  /** The places of the rows, one for each line of a row. */
  readonly rowLsns: string[] = [];
  /** The names of the key columns of each row's table. */
  readonly rowKeys: string[] = [];
  readonly schemas: TableSchema[] = [];
  flushes = 0;
  /** So many row calls are refused before the next one is taken. */
  refusals = 0;
  /** Rows beyond this count are refused. */
  limit = Infinity;
  takesRefused = false;
  wantsOrigin = false;
  /** Rows that came as dead letters, one for each line `refused`. */
  readonly refusedRows: RefusedRow[] = [];
  /** Tables, as schema.table, whose rows are not wanted. */
  readonly unwanted = new Set<string>();

  private readonly byId = new Map<number, TableSchema>();

  schema(schema: TableSchema): boolean {
    this.schemas.push(schema);
    this.byId.set(schema.id, schema);
    return !this.unwanted.has(nameOf(schema));
  }

  begin(xidHigh: number, xidLow: number, commitMicrosHigh: number, commitMicrosLow: number): void {
    // PostgreSQL's number without its sign.
    const xid = (BigInt(Math.max(0, xidHigh)) << 32n) | BigInt(xidLow >>> 0);
    this.lines.push(`begin ${xid} ${timeText(commitMicrosHigh, commitMicrosLow)}`);
  }

  beginWithoutXid(commitMicrosHigh: number, commitMicrosLow: number): void {
    this.lines.push(`begin - ${timeText(commitMicrosHigh, commitMicrosLow)}`);
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
    if (this.refusals > 0) {
      this.refusals -= 1;
      return false;
    }
    if (this.rowLsns.length >= this.limit) return false;
    const schema = this.byId.get(schemaId)!;
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
    if (this.refusals > 0) {
      this.refusals -= 1;
      return false;
    }
    this.lines.push(`refused ${row.error.code} ${OPERATIONS[row.operation]} ${nameOf(this.byId.get(row.schemaId)!)}`);
    this.refusedRows.push({ ...row, bytes: Uint8Array.from(row.bytes.subarray(Math.min(row.oldStart, row.newStart), row.newEnd)) });
    return true;
  }

  commit(positionHigh: number, positionLow: number): void {
    this.lines.push(`commit ${formatLsn(positionHigh, positionLow)}`);
  }

  idle(positionHigh: number, positionLow: number): void {
    this.lines.push(`idle ${formatLsn(positionHigh, positionLow)}`);
  }

  truncate(schemaIds: readonly number[]): void {
    this.lines.push(`truncate ${schemaIds.map((id) => nameOf(this.byId.get(id)!)).join(', ')}`);
  }

  flush(): void {
    this.flushes += 1;
  }

  /** The lines of rows and TRUNCATEs alone, which do not depend on when they were made. */
  get changes(): string[] {
    return this.lines.filter((line) => /^(insert|update|delete|truncate)/.test(line));
  }
}

function timeText(high: number, low: number): string {
  const micros = BigInt.asIntN(64, (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0));
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const second = new Date(Number((micros - fraction) / 1000n)).toISOString().slice(0, 19);
  return `${second}.${String(fraction).padStart(6, '0')}Z`;
}

function nameOf({ schema, table }: TableSchema): string {
  return `${schema}.${table}`;
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
  if (text.length > 100) return `${text.slice(0, 10)}...(${text.length})`;
  return /^[\w.:+-]+$/.test(text) && text !== 'null' ? text : JSON.stringify(text);
}
