import { assert } from '../base/assert.ts';
import type { ByteView } from '../base/byte-view.ts';
import type { OldImage, Operation } from '../change/operation.ts';
import type { MovedRow } from '../change/snapshot.ts';
import type { TableSchema } from '../change/table-schema.ts';
import { RowFlag } from '../ring/layout.ts';
import { KeyWindow, type KeyWindowOptions } from './key-window.ts';
import type { TablePlan } from './plan.ts';
import type { RowPlace } from './row-place.ts';

/** The windows of all tables that are read beside the stream. */
export class Windows {
  private readonly options: KeyWindowOptions;
  /** By `schema.table`. */
  private readonly tables = new Map<string, KeyWindow>();
  /** By schema id, as far as they were asked for. */
  private versions: (KeyWindow | null)[] = [];

  private readonly key: ByteView;

  /** @param key begins with the key of the row that is shown */
  constructor(options: KeyWindowOptions, key: ByteView) {
    this.options = options;
    this.key = key;
  }

  get isNone(): boolean {
    return this.tables.size === 0;
  }

  watch(table: string, onMoved: (row: MovedRow) => void): void {
    if (!this.tables.has(table)) this.tables.set(table, new KeyWindow(this.options, onMoved));
    this.versions = [];
  }

  unwatch(table: string): void {
    this.tables.delete(table);
    this.versions = [];
  }

  of(table: string): KeyWindow {
    const window = this.tables.get(table);
    assert(window !== undefined, 'a table is watched before it is read beside the stream');
    return window;
  }

  private find(schema: TableSchema): KeyWindow | null {
    let window = this.versions[schema.id];
    if (window === undefined) {
      window = this.tables.get(`${schema.schema}.${schema.table}`) ?? null;
      this.versions[schema.id] = window;
    }
    return window;
  }

  /** Shows a row, whose images `input` holds, to its table's window. False for one from the table that the stream has overtaken. */
  admits(
    { xid, flags }: RowPlace,
    plan: TablePlan,
    keyLength: number,
    input: ByteView,
    operation: Operation,
    oldImage: OldImage,
    oldStart: number,
    oldEnd: number,
    newStart: number,
    newEnd: number,
  ): boolean {
    const { key } = this;
    const window = this.find(plan.schema);
    if (window === null) return true;
    if (flags === RowFlag.snapshot) return !window.hides(plan, key, keyLength, input, newStart, newEnd);
    window.note(xid, plan, key, keyLength, input, operation, oldImage, oldStart, oldEnd, newStart, newEnd);
    return true;
  }

  /** A transaction changed all rows of tables. */
  noteAll(xid: number, tables: readonly TableSchema[]): void {
    for (const schema of tables) this.find(schema)?.noteAll(xid);
  }
}
