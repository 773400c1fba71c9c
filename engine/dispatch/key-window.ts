import { ByteView } from '../base/byte-view.ts';
import { OldImage, Operation } from '../change/operation.ts';
import { RowImage, UNCHANGED_COLUMN } from '../change/row-image.ts';
import type { MovedRow, ReadWindow, ShownTransactions, WindowOutcome } from '../change/snapshot.ts';
import type { TableSchema } from '../change/table-schema.ts';
import type { TablePlan } from './plan.ts';

export interface KeyWindowOptions {
  /** What the keys that it keeps may come to. */
  readonly bytesMax: number;
  readonly keyBytesMax: number;
}

type OnMoved = (row: MovedRow) => void;

/** What a key costs beside its bytes. */
const KEY_OVERHEAD_BYTES = 96;
/** Beyond so many rows to read again, all of them are. */
const AGAIN_MAX = 10_000;

/** The last change of a key. */
interface Change {
  readonly xid: number;
  /** It left a long value out. */
  readonly isPartial: boolean;
}

/** A version of the table as the window looks at its rows. */
interface WatchedVersion {
  readonly image: RowImage;
  readonly keyNames: string;
}

/**
 * What the stream did to the keys of one table while its rows are read beside it: which rows that come from the table are overtaken.
 *
 *   stream ── row of a transaction that the snapshot does not show ──► noted by its key
 *   table ─── row under that snapshot ──► its key is noted: newer than this row, which is left out
 *
 * Every snapshot shows what an earlier one did, so what a new one shows is forgotten. What cannot be told by keys (TRUNCATE, another key,
 * more of them than there is memory for) counts for all rows: those that come after it must be read again, under a snapshot that shows it.
 */
export class KeyWindow implements ReadWindow {
  private readonly options: KeyWindowOptions;
  /** Columns that the keys are made of; null before the first. */
  private keyNames: string | null = null;
  private readonly oldKey: ByteView;
  private readonly onMoved: OnMoved;
  private readonly versions = new Map<number, WatchedVersion>();
  private readonly keys = new Map<string, Change>();
  private bytes = 0;
  /** Transactions of which it is not known which rows they changed. */
  private readonly wholesale = new Set<number>();
  private snapshot: ShownTransactions | null = null;
  private isBlind = false;
  private again: string[][] = [];

  constructor(options: KeyWindowOptions, onMoved: OnMoved) {
    this.options = options;
    this.onMoved = onMoved;
    this.oldKey = new ByteView(new Uint8Array(options.keyBytesMax));
  }

  show(snapshot: ShownTransactions, schema: TableSchema): void {
    const keyNames = keyNamesOf(schema);
    if (keyNames !== this.keyNames) this.loseCount();
    this.keyNames = keyNames;
    this.snapshot = snapshot;
    for (const [key, { xid }] of this.keys) if (snapshot.shows(xid)) this.forget(key);
    for (const xid of this.wholesale) if (snapshot.shows(xid)) this.wholesale.delete(xid);
    this.isBlind = false;
    this.again = [];
  }

  outcome(): WindowOutcome {
    return { isBlind: this.isBlind, again: this.again };
  }

  /** A row of the stream; `key[0, keyLength)` is that of the message. */
  note(
    xid: number,
    plan: TablePlan,
    key: ByteView,
    keyLength: number,
    input: ByteView,
    operation: Operation,
    oldImage: OldImage,
    oldStart: number,
    oldEnd: number,
    newStart: number,
    newEnd: number,
  ): void {
    const isShown = this.snapshot?.shows(xid) === true;
    if (isShown && oldImage === OldImage.none) return;
    const { image, keyNames } = this.versionOf(plan.schema);
    this.keyNames ??= keyNames;
    if (keyNames !== this.keyNames) return this.noteAll(xid);
    const isPartial = operation !== Operation.delete && oldImage !== OldImage.full && leavesOut(image, input, newStart, newEnd);
    const newKey = textOf(key, keyLength);
    // A message is under the new key, and the row that the table shows may still be under the old one.
    if (operation !== Operation.delete && oldImage !== OldImage.none) {
      const oldKey = textOf(this.oldKey, plan.key!.write(input, oldStart, oldEnd, this.oldKey, 0, oldStart, oldEnd));
      if (isPartial && oldKey !== newKey)
        this.onMoved({ xid, key: this.keyValues(plan.schema, input, newStart, newEnd, oldStart, oldEnd) });
      this.add(xid, oldKey, false, isShown);
    }
    this.add(xid, newKey, isPartial, isShown);
  }

  /** A transaction changed rows of which the stream does not tell the keys. */
  noteAll(xid: number): void {
    if (this.snapshot?.shows(xid) !== true) this.wholesale.add(xid);
  }

  /** Whether a row from the table is to be left out. */
  hides(plan: TablePlan, key: ByteView, keyLength: number, input: ByteView, start: number, end: number): boolean {
    if (this.wholesale.size > 0) this.isBlind = true;
    if (this.isBlind) return true;
    if (this.keys.size === 0) return false;
    const noted = this.keys.get(textOf(key, keyLength));
    if (noted === undefined) return false;
    if (noted.isPartial) this.readAgain(plan.schema, input, start, end);
    return true;
  }

  private add(xid: number, key: string, isPartial: boolean, isShown: boolean): void {
    if (isShown || this.wholesale.has(xid)) return;
    if (!this.keys.has(key)) this.bytes += costOf(key);
    this.keys.set(key, { xid, isPartial });
    if (this.bytes > this.options.bytesMax) this.loseCount();
  }

  /** Keeps of the keys only whose they are. */
  private loseCount(): void {
    for (const { xid } of this.keys.values()) this.wholesale.add(xid);
    this.keys.clear();
    this.bytes = 0;
  }

  private forget(key: string): void {
    this.keys.delete(key);
    this.bytes -= costOf(key);
  }

  /** The stream told the newest state of the row but for a long value, which only the table has. */
  private readAgain(schema: TableSchema, input: ByteView, start: number, end: number): void {
    if (this.again.length === AGAIN_MAX) this.isBlind = true;
    this.again.push(this.keyValues(schema, input, start, end, start, end));
  }

  /** The texts of a row's key; a part of it may be a long value that only the old image has. */
  private keyValues(schema: TableSchema, input: ByteView, start: number, end: number, oldStart: number, oldEnd: number): string[] {
    const { image } = this.versionOf(schema);
    const valueIn = (from: number, to: number, column: number) => {
      image.locate(input, from, to, schema.columns.length);
      return image.lengths[column] === UNCHANGED_COLUMN ? null : valueOf(image, input, column);
    };
    return schema.keyColumns.map((column) => valueIn(start, end, column) ?? valueIn(oldStart, oldEnd, column) ?? '');
  }

  private versionOf(schema: TableSchema): WatchedVersion {
    const known = this.versions.get(schema.id);
    if (known !== undefined) return known;
    const image = new RowImage(`${schema.schema}.${schema.table}`, schema.columns.length);
    const version = { image, keyNames: keyNamesOf(schema) };
    this.versions.set(schema.id, version);
    return version;
  }
}

function keyNamesOf({ keyColumns, columns }: TableSchema): string {
  return JSON.stringify(keyColumns.map((column) => columns[column]!.name));
}

function leavesOut(image: RowImage, input: ByteView, start: number, end: number): boolean {
  image.locate(input, start, end, image.lengths.length);
  return image.lengths.includes(UNCHANGED_COLUMN);
}

function valueOf({ starts, lengths }: RowImage, { bytes }: ByteView, column: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + starts[column]!, lengths[column]).toString();
}

function textOf({ bytes }: ByteView, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1');
}

function costOf(key: string): number {
  return key.length + KEY_OVERHEAD_BYTES;
}
