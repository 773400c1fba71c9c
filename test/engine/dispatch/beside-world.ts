import { Operation } from '../../../engine/change/operation.ts';

/** Keys that a table may have; those that have rows before anything is streamed; and what goes on at a time. */
export const KEYS = 6;
const FILLED = [0, 1, 3, 4];
const OPEN_MAX = 3;
const WRITES_MAX = 3;

export interface Row {
  /** Of the write, counted through. */
  readonly v: number;
  /** A long value, which an update of the rest leaves out of its message. */
  readonly big: number;
}

export interface Change {
  readonly operation: Operation;
  readonly key: number;
  readonly oldKey: number | null;
  readonly row: Row | null;
  readonly isPartial: boolean;
}

export interface Transaction {
  readonly xid: number;
  readonly changes: Change[];
  readonly keys: Set<number>;
  isCommitted: boolean;
  /** Shown by every snapshot from now on, or undone: its locks are free. */
  isOver: boolean;
}

/** Wrote what is there before. */
export const GENESIS: Transaction = { xid: 1, changes: [], keys: new Set(), isCommitted: true, isOver: true };

/** Picks one of several, as a history says. */
type Pick = <T>(items: readonly T[]) => T;

/** A table with its transactions: who holds which row, and what each of them made of it. */
export class World {
  /** In commit order. */
  readonly log: Transaction[] = [];
  readonly open: Transaction[] = [];
  /** By key, every state that a transaction gave it, the newest last. */
  private readonly versions = Array.from({ length: KEYS }, (): { by: Transaction; row: Row | null }[] => []);
  private readonly pick: Pick;
  private xids = 100;
  private writes = 0;

  constructor(pick: Pick) {
    this.pick = pick;
    for (const key of FILLED) this.versions[key]!.push({ by: GENESIS, row: { v: ++this.writes, big: this.writes } });
  }

  /** The row as a snapshot has it that shows these transactions; null when it is not there. */
  rowFor(key: number, shows: (xid: number) => boolean): Row | null {
    return this.versions[key]!.findLast(({ by }) => shows(by.xid))?.row ?? null;
  }

  /** Committed, and not shown yet. */
  get unshown(): Transaction[] {
    return this.log.filter(({ isOver }) => !isOver);
  }

  /** A row more of an open transaction, or of a new one. */
  write(): void {
    if (this.open.length < OPEN_MAX && this.pick([true, false])) {
      this.open.push({ xid: ++this.xids, changes: [], keys: new Set(), isCommitted: false, isOver: false });
    }
    if (this.open.length === 0) return;
    const transaction = this.pick(this.open);
    const isFree = (key: number) => transaction.keys.has(key) || this.versions[key]!.every(({ by }) => by === transaction || by.isOver);
    const free = Array.from({ length: KEYS }, (_, key) => key).filter(isFree);
    if (free.length === 0 || transaction.changes.length === WRITES_MAX) return;
    const key = this.pick(free);
    const now = this.versions[key]!.at(-1)?.row ?? null;
    const v = ++this.writes;
    if (now === null)
      return this.change(transaction, { operation: Operation.insert, key, oldKey: null, row: { v, big: v }, isPartial: false });
    const absent = free.filter((other) => (this.versions[other]!.at(-1)?.row ?? null) === null);
    const kinds = ['partial', 'partial', 'full', 'delete', ...(absent.length > 0 ? ['key'] : [])];
    switch (this.pick(kinds)) {
      case 'partial':
        return this.change(transaction, { operation: Operation.update, key, oldKey: null, row: { v, big: now.big }, isPartial: true });
      case 'full':
        return this.change(transaction, { operation: Operation.update, key, oldKey: null, row: { v, big: v }, isPartial: false });
      case 'delete':
        return this.change(transaction, { operation: Operation.delete, key, oldKey: null, row: null, isPartial: false });
      default:
        this.enter(transaction, key, null);
        return this.change(transaction, {
          operation: Operation.update,
          key: this.pick(absent),
          oldKey: key,
          row: { v, big: now.big },
          isPartial: true,
        });
    }
  }

  private change(transaction: Transaction, change: Change): void {
    transaction.changes.push(change);
    this.enter(transaction, change.key, change.row);
  }

  private enter(by: Transaction, key: number, row: Row | null): void {
    by.keys.add(key);
    this.versions[key]!.push({ by, row });
  }

  commit(transaction: Transaction): void {
    transaction.isCommitted = true;
    this.log.push(transaction);
  }

  undo(transaction: Transaction): void {
    transaction.isOver = true;
    for (const [key, versions] of this.versions.entries()) this.versions[key] = versions.filter(({ by }) => by !== transaction);
  }
}
