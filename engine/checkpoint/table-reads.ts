import { assert } from '../base/assert.ts';
import { MillraceError } from '../base/errors.ts';
import type { MovedRow } from '../change/snapshot.ts';
import type { ReadOrder, TableRead } from '../change/table-read.ts';

/** So many reads that are over are kept. */
export const READS_KEPT = 20;

/** Rows of a read that may get another key meanwhile: the checkpoint names each. */
export const MOVED_MAX = 1000;

const NEW = {
  state: 'waiting',
  mark: null,
  progress: null,
  rows: '0',
  expectedRows: 0,
  chunksDone: 0,
  chunks: 0,
  moved: [],
  error: null,
} as const;

/** What a read that is over has no more. */
export const OVER = { progress: null, moved: [], mark: null } as const;

/** The tables that are read beside the stream, and the last ones that were: in the order in which they came. */
export class TableReads {
  private reads: readonly TableRead[];
  private readonly hasMarks: boolean;

  /**
   * @param stored what the checkpoint holds
   * @param hasMarks whether messages tell of a bootstrap
   */
  constructor(stored: readonly TableRead[], hasMarks: boolean) {
    this.reads = hasMarks ? stored : stored.map((read) => ({ ...read, mark: null }));
    this.hasMarks = hasMarks;
  }

  get all(): readonly TableRead[] {
    return this.reads;
  }

  /** A read that is known. */
  get(id: string): TableRead {
    const found = this.find(id);
    assert(found !== undefined, 'a read that is not over is kept');
    return found;
  }

  find(id: string): TableRead | undefined {
    return this.reads.find((read) => read.id === id);
  }

  /** The first that is not over: the one that is being read, or was when the last process ended; else the one that waits longest. */
  get next(): TableRead | undefined {
    return this.reads.find(({ state }) => state === 'reading') ?? this.reads.find(({ state }) => state === 'waiting');
  }

  /** Takes an order in. False when it changes nothing: its id is known already, or of a cancellation not, or over. */
  take(order: ReadOrder): boolean {
    const known = this.find(order.id);
    if (order.kind === 'cancel-read') {
      if (known === undefined || isOver(known)) return false;
      this.update(order.id, { ...OVER, state: 'cancelled' });
      return true;
    }
    if (known !== undefined) return false;
    const { id, table, where, comment } = order;
    this.keep([...this.reads, { ...NEW, id, table, where, comment, mark: this.hasMarks ? 'start' : null, joins: false }]);
    return true;
  }

  /** A table that joined is still to be read, or is read. */
  isJoining(table: string): boolean {
    return this.reads.some((read) => read.joins && read.table === table && !isOver(read));
  }

  /**
   * A table joined the changefeed. False when it waits to be read already. One that is being read was left out of the publication since:
   * it is read once more.
   */
  join(table: string, id: string): boolean {
    const waits = this.reads.some((read) => read.joins && read.table === table && read.state === 'waiting');
    if (waits || this.find(id) !== undefined) return false;
    this.keep([...this.reads, { ...NEW, id, table, where: null, comment: null, joins: true }]);
    return true;
  }

  /** A row of a read got another key; it is in the next record. */
  addMoved(id: string, row: MovedRow): void {
    const { moved } = this.get(id);
    if (moved.length <= MOVED_MAX) this.update(id, { moved: [...moved, row] });
  }

  /**
   * The rows of a read that got another key so far.
   * @throws MillraceError `READ_ROWS_MOVED` when there were too many
   */
  movedOf(id: string): readonly MovedRow[] {
    const { moved, table } = this.get(id);
    if (moved.length > MOVED_MAX) throw tooManyMoved(table);
    return moved;
  }

  /** What became of a read. One that is over stays as it is. */
  update(id: string, change: Partial<TableRead>): void {
    this.keep(this.reads.map((read) => (read.id === id && !isOver(read) ? { ...read, ...change } : read)));
  }

  private keep(reads: readonly TableRead[]): void {
    const surplus = reads.filter(isOver).slice(0, -READS_KEPT);
    this.reads = reads.filter((read) => !surplus.includes(read));
  }
}

function tooManyMoved(table: string): MillraceError {
  const message =
    `More than ${MOVED_MAX} rows of ${table} got another key while it was read, in updates that leave long values out. ` +
    'Order it again when such updates are over, or set REPLICA IDENTITY FULL.';
  return new MillraceError('READ_ROWS_MOVED', message, { table });
}

/** Nothing more will come of it. */
export function isOver({ state }: TableRead): boolean {
  return state !== 'waiting' && state !== 'reading';
}
