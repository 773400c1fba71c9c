import { ByteView } from '../base/byte-view.ts';
import { OldImage, Operation } from '../change/operation.ts';
import { RowImage, UNCHANGED_COLUMN } from '../change/row-image.ts';
import type { ReadWindow, ShownTransactions, WindowOutcome } from '../change/snapshot.ts';
import type { TableSchema } from '../change/table-schema.ts';
import type { TablePlan } from './plan.ts';

export interface KeyWindowOptions {
  /** What the keys that it keeps may come to. */
  readonly bytesMax: number;
  readonly keyBytesMax: number;
}

/** What a key costs beside its bytes. */
const KEY_OVERHEAD_BYTES = 96;
/** Beyond so many rows to read again, all of them are. */
const AGAIN_MAX = 10_000;

/** A version of the table as the window looks at its rows. */
interface WatchedVersion {
  readonly image: RowImage;
  /** Its key is made of the columns that the window's keys are made of. */
  readonly hasSameKey: boolean;
}

/**
 * What the stream did to the keys of one table while its rows are read beside it: which rows that come from the table are overtaken.
 *
 *   stream ── row of a transaction that the snapshot does not show ──► noted by its key
 *   table ─── row under that snapshot ──► its key is noted: newer than this row, which is left out
 *
 * Every snapshot shows what an earlier one did, so what a new one shows is forgotten. What cannot be told by keys (TRUNCATE, another key, more
 * of them than there is memory for) counts for all rows: those that come after it must be read again, under a snapshot that shows it.
 */
export class KeyWindow implements ReadWindow {
  private readonly options: KeyWindowOptions;
  private readonly keyNames: string;
  private readonly oldKey: ByteView;
  private readonly versions = new Map<number, WatchedVersion>();
  /** By key: the last transaction that changed it, and whether that left a long value out. */
  private readonly keys = new Map<string, { readonly xid: number; readonly isPartial: boolean }>();
  private bytes = 0;
  /** Transactions of which it is not known which rows they changed. */
  private readonly wholesale = new Set<number>();
  private snapshot: ShownTransactions | null = null;
  private isBlind = false;
  private hasOtherKey = false;
  private again: string[][] = [];

  constructor(schema: TableSchema, options: KeyWindowOptions) {
    this.options = options;
    this.keyNames = keyNamesOf(schema);
    this.oldKey = new ByteView(new Uint8Array(options.keyBytesMax));
  }

  show(snapshot: ShownTransactions): void {
    this.snapshot = snapshot;
    for (const [key, { xid }] of this.keys) if (snapshot.shows(xid)) this.forget(key);
    for (const xid of this.wholesale) if (snapshot.shows(xid)) this.wholesale.delete(xid);
    this.isBlind = false;
    this.again = [];
  }

  outcome(): WindowOutcome {
    return { isBlind: this.isBlind, hasOtherKey: this.hasOtherKey, again: this.again };
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
    if (this.snapshot?.shows(xid) === true || this.wholesale.has(xid)) return;
    const version = this.versionOf(plan.schema);
    if (!version.hasSameKey) {
      this.hasOtherKey = true;
      return this.noteAll(xid);
    }
    // A message is under the new key, and the row that the table shows may still be under the old one.
    if (operation !== Operation.delete && oldImage !== OldImage.none) {
      this.add(xid, this.oldKey, plan.key!.write(input, oldStart, oldEnd, this.oldKey, 0, oldStart, oldEnd), false);
    }
    const isPartial = operation !== Operation.delete && oldImage !== OldImage.full && leavesOut(version.image, input, newStart, newEnd);
    this.add(xid, key, keyLength, isPartial);
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

  private add(xid: number, key: ByteView, keyLength: number, isPartial: boolean): void {
    const text = textOf(key, keyLength);
    if (!this.keys.has(text)) this.bytes += costOf(text);
    this.keys.set(text, { xid, isPartial });
    if (this.bytes <= this.options.bytesMax) return;
    for (const noted of this.keys.values()) this.wholesale.add(noted.xid);
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
    const { image } = this.versionOf(schema);
    image.locate(input, start, end, schema.columns.length);
    this.again.push(schema.keyColumns.map((column) => valueOf(image, input, column)));
  }

  private versionOf(schema: TableSchema): WatchedVersion {
    const known = this.versions.get(schema.id);
    if (known !== undefined) return known;
    const image = new RowImage(`${schema.schema}.${schema.table}`, schema.columns.length);
    const version = { image, hasSameKey: keyNamesOf(schema) === this.keyNames };
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
  return Buffer.from(bytes.buffer, bytes.byteOffset + starts[column]!, lengths[column]!).toString();
}

function textOf({ bytes }: ByteView, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1');
}

function costOf(key: string): number {
  return key.length + KEY_OVERHEAD_BYTES;
}
