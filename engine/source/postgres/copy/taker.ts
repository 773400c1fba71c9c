import { isUtf8 } from 'node:buffer';
import { MillraceError } from '../../../base/errors.ts';
import { OldImage, Operation } from '../../../change/operation.ts';
import type { RowSink } from '../../../change/row-sink.ts';
import type { SnapshotSink } from '../../../change/snapshot.ts';
import type { Lsn } from '../lsn.ts';
import { refuseRow } from '../../refuse-row.ts';
import { fromServerError, type ServerErrorFields } from '../server-error.ts';
import { CopyLine } from './line.ts';
import { OversizeLine } from './oversize-line.ts';
import type { CopyUnit } from './plan.ts';
import type { CopyTaker } from './stream.ts';

export type TableSink = RowSink & SnapshotSink;

/** What all units of a snapshot share. */
export interface TakerSettings {
  readonly sink: TableSink;
  /** Of the snapshot. */
  readonly lsn: Lsn;
  readonly lineBytesMax: number;
  readonly isUnconverted: boolean;
}

/** What all rows of a table that is read have in common. */
const INSERT = { operation: Operation.insert, oldImage: OldImage.none, oldStart: 0, oldEnd: 0, newStart: 0, cutFrom: null } as const;

/** Gives the rows of one unit to the sink. */
export class UnitTaker implements CopyTaker {
  rows = 0;
  private readonly unit: CopyUnit;
  private readonly settings: TakerSettings;
  private readonly sink: TableSink;
  private readonly copyLine: CopyLine;
  private readonly schemaId: number;
  /** End of the image of a line that could not be taken and comes again; 0 when there is none. */
  private waitingEnd = 0;
  /** Why that line is not taken as a row; null when it is. */
  private refusal: MillraceError | null = null;
  /** The line that is too large to be put together. */
  private readonly oversize = new OversizeLine();

  constructor(unit: CopyUnit, settings: TakerSettings) {
    this.unit = unit;
    this.settings = settings;
    this.sink = settings.sink;
    this.schemaId = unit.schema.id;
    this.copyLine = new CopyLine(unit.name, unit.schema.columns.length);
  }

  enter(): boolean {
    return this.sink.enterUnit(this.unit.unit);
  }

  line(bytes: Uint8Array, start: number, end: number): boolean {
    // A large line may have to wait for many others; it is read but once.
    if (this.waitingEnd === 0) this.waitingEnd = this.imageOf(bytes, start, end);
    if (!this.take(this.settings.lsn, this.copyLine.bytes, this.waitingEnd)) return false;
    this.waitingEnd = 0;
    this.refusal = null;
    this.copyLine.trim();
    return true;
  }

  private imageOf(bytes: Uint8Array, start: number, end: number): number {
    if (this.settings.isUnconverted && !isUtf8(bytes.subarray(start, end))) this.refuse(this.textError());
    return this.copyLine.read(bytes, start, end);
  }

  private take({ high, low }: Lsn, image: Uint8Array, end: number): boolean {
    const { refusal, schemaId } = this;
    let taken: boolean;
    try {
      if (refusal !== null) throw refusal;
      taken = this.sink.row(Operation.insert, schemaId, high | 0, low | 0, image, OldImage.none, 0, 0, 0, end);
    } catch (error) {
      taken = refuseRow(this.sink, error, { ...INSERT, schemaId, lsnHigh: high | 0, lsnLow: low | 0, bytes: image, newEnd: end });
    }
    if (taken) this.rows += 1;
    return taken;
  }

  /** The line is for the dead-letter topic, or ends the export. */
  private refuse(error: MillraceError): void {
    if (!this.sink.takesRefused) throw error;
    this.refusal = error;
  }

  flush(): void {
    this.sink.leaveUnit();
    this.sink.flush();
  }

  beginOversize(length: number): void {
    this.refuse(this.sizeError(length));
    this.oversize.begin(length);
  }

  oversizePiece(bytes: Uint8Array, start: number, end: number): void {
    this.oversize.add(bytes, start, end);
  }

  endOversize(): boolean {
    const { high, low } = this.settings.lsn;
    const { bytes, length } = this.oversize;
    const row = { ...INSERT, error: this.refusal!, schemaId: this.schemaId, lsnHigh: high | 0, lsnLow: low | 0 };
    if (!this.sink.refused({ ...row, bytes, newEnd: bytes.length, cutFrom: length })) return false;
    this.rows += 1;
    this.refusal = null;
    return true;
  }

  private sizeError(length: number): MillraceError {
    const { name } = this.unit;
    const limit = this.settings.lineBytesMax;
    const message =
      `A row of ${name} takes ${length} bytes as it is read; the memory budget allows ${limit}. ` +
      `Set MILLRACE_MEMORY to at least ${4 * length}, or leave the table out of MILLRACE_TABLES.`;
    return new MillraceError('ROW_TOO_LARGE', message, { table: name, bytes: length, limit });
  }

  fail(fields: ServerErrorFields): MillraceError {
    const { name } = this.unit;
    const words = [fields.message, fields.detail, fields.hint].filter((text) => text !== null).join(' ');
    const details = { table: name, sqlstate: fields.code };
    if (fields.code === '42501') {
      return new MillraceError('TABLE_PRIVILEGE', `The role may not read all rows of ${name}: ${words}`, details);
    }
    const known = fromServerError(fields, `cannot read ${name}`);
    if (known.code !== 'STREAM_REFUSED' && !NAMES_GONE.has(known.code))
      return new MillraceError(known.code, known.message, { ...known.details, table: name });
    return new MillraceError('SNAPSHOT_REFUSED', `The server did not read ${name} to its end: ${words} (SQLSTATE ${fields.code})`, details);
  }

  private textError(): MillraceError {
    const { name } = this.unit;
    const message =
      `A row of ${name} holds a value that is not UTF-8. The database's character set is SQL_ASCII, ` +
      'so the server hands over bytes as they are; only UTF-8 is accepted.';
    return new MillraceError('TEXT_NOT_UTF8', message, { table: name });
  }
}

/** What those SQLSTATEs mean for a stream, they do not mean for a table. */
const NAMES_GONE: ReadonlySet<string> = new Set(['SLOT_MISSING', 'SLOT_LOST', 'WAL_REMOVED', 'WAL_LEVEL']);
