import { readFileSync } from 'node:fs';
import { OldImage, Operation } from '../../engine/change/operation.ts';
import type { RowSink } from '../../engine/change/row-sink.ts';
import type { TableSchema } from '../../engine/change/table-schema.ts';
import type { BinlogParserOptions } from '../../engine/source/mysql/binlog/parser.ts';
import { BinlogReader } from './binlog-reader.ts';

/** A row of a log, its images as the log has them. */
export interface LoggedRow {
  readonly operation: Operation;
  readonly schema: TableSchema;
  readonly old: Uint8Array | null;
  readonly new: Uint8Array | null;
}

/** Reads the committed rows of every table out of binlog files. */
export function readBinlogRows(files: readonly string[], options: Partial<BinlogParserOptions>): Map<string, LoggedRow[]> {
  const recorder = new RowRecorder();
  for (const file of files) new BinlogReader(recorder, options).readFile(readFileSync(file));
  return recorder.rows;
}

class RowRecorder implements RowSink {
  readonly rows = new Map<string, LoggedRow[]>();
  readonly takesRefused = false;
  readonly wantsOrigin = false;
  private readonly schemas = new Map<number, TableSchema>();

  schema(schema: TableSchema): boolean {
    this.schemas.set(schema.id, schema);
    return true;
  }

  row(
    operation: Operation,
    schemaId: number,
    _placeHigh: number,
    _placeLow: number,
    bytes: Uint8Array,
    oldImage: OldImage,
    oldStart: number,
    oldEnd: number,
    newStart: number,
    newEnd: number,
  ): boolean {
    const schema = this.schemas.get(schemaId)!;
    const rows = this.rows.get(schema.table) ?? [];
    this.rows.set(schema.table, rows);
    const old = oldImage === OldImage.none ? null : copyOf(bytes, oldStart, oldEnd);
    rows.push({ operation, schema, old, new: operation === Operation.delete ? null : copyOf(bytes, newStart, newEnd) });
    return true;
  }

  refused({ error }: Parameters<RowSink['refused']>[0]): never {
    throw error;
  }

  begin(): void {}
  beginWithoutXid(): void {}
  rowTime(): void {}
  origin(): void {}
  commit(): void {}
  idle(): void {}
  truncate(): void {}
  flush(): void {}
}

/** `slice` of a Buffer would be the same memory, which the parser uses again. */
function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return Uint8Array.from(bytes.subarray(start, end));
}
