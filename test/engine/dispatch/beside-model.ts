import { OldImage, Operation } from '../../../engine/change/operation.ts';
import type { MovedRow, ReadWindow } from '../../../engine/change/snapshot.ts';
import { RecordKind } from '../../../engine/ring/layout.ts';
import { GENESIS, KEYS, World, type Transaction } from './beside-world.ts';
import { Bench, schema } from './dispatching.ts';
import { image, messageOf, NOTHING, UNCHANGED, type Message } from './number-rows.ts';

/**
 * A table whose transactions commit, are shown and are streamed in any interleaving that a server allows, and that is read beside the
 * stream through the real dispatcher. A history is a list of numbers, each of which picks one of the steps that are possible then.
 */

/** Parts of the rule that can be left out, to see that a loss is found. */
export type Weakness =
  | 'writers'
  | 'mark'
  | 'window'
  | 'again'
  | 'blind'
  | 'old key'
  | 'moved'
  | 'moved unseen'
  | 'moved forgotten'
  | 'moved dropped'
  | 'watched late';

export interface History {
  readonly choices: readonly number[];
  /** What the window may keep: little makes it lose count of keys. */
  readonly windowBytes: number;
  readonly crashes: number;
}

/** Keys of the chunks that the table is read in. */
const CHUNKS = [
  [0, 3],
  [3, 6],
] as const;
const TABLE = schema(1, ['id', 'v', 'big'], [0]);
const NAME = 'public.table_1';

export class BesideModel {
  private readonly history: History;
  private readonly weakness: Weakness | null;
  private readonly world = new World((items) => this.pick(items));
  private bench: Bench;
  /** Of the log: transactions that are with the sink, and rows of the next one. */
  private streamed = 0;
  private streamedRows = 0;
  private reader: Generator<void, void> | null = null;
  /** Rows that got another key, by the transactions that were streamed before them. */
  private moved: (MovedRow & { readonly after: number })[] = [];
  private readonly recorded = new Set<number>();
  private readonly ended: { chunk: number; messages: number }[] = [];
  /** Messages by the time that each transaction was streamed to its end. */
  private messagesAt: number[] = [];
  private messages: Message[] = [];
  /** Messages that had arrived before the last crash. */
  private arrived = 0;
  private crashes: number;
  private isRead = false;
  private hasCrashed = false;
  /** The read is recorded as one that is under way. */
  private hasBegun = false;
  private picked = 0;

  constructor(history: History, weakness: Weakness | null) {
    this.history = history;
    this.weakness = weakness;
    this.crashes = history.crashes;
    this.bench = this.newBench();
  }

  private newBench(): Bench {
    const bench = new Bench(1, 65_536, 1_000_000, 'update', this.history.windowBytes);
    bench.dispatcher.schema(TABLE);
    CHUNKS.forEach((_, chunk) => bench.units.set(chunk, { slot: 10 + chunk, rows: 0 }));
    return bench;
  }

  /** Runs the history, then everything to its end. Returns what is wrong. */
  run(): string | null {
    for (const choice of this.history.choices) {
      this.picked = choice;
      this.step();
    }
    for (const transaction of this.world.open.splice(0)) this.world.commit(transaction);
    for (const transaction of this.world.log) transaction.isOver = true;
    while (this.streamed < this.world.log.length) this.stream();
    for (let steps = 0; !this.isRead; steps++) {
      if (steps > 1000) return 'the table is never read to its end';
      this.read();
    }
    return this.judge();
  }

  private pick<T>(items: readonly T[]): T {
    const item = items[this.picked % items.length]!;
    this.picked = Math.floor(this.picked / items.length);
    return item;
  }

  private step(): void {
    const { open, unshown, log } = this.world;
    const steps = [
      () => this.world.write(),
      () => this.world.write(),
      ...(open.length > 0 ? [() => this.world.commit(this.take())] : []),
      ...(open.length > 0 ? [() => this.world.undo(this.take())] : []),
      ...(unshown.length > 0 ? [() => (this.pick(unshown).isOver = true)] : []),
      ...(this.streamed < log.length ? [() => this.stream(), () => this.stream()] : []),
      ...(this.isRead ? [] : [() => this.read(), () => this.read()]),
      ...(this.crashes > 0 ? [() => this.crash()] : []),
    ];
    this.pick(steps)();
  }

  private take(): Transaction {
    return this.world.open.splice(this.picked % this.world.open.length, 1)[0]!;
  }

  /** One row of the log, or the end of its transaction. */
  private stream(): void {
    const { dispatcher } = this.bench;
    const transaction = this.world.log[this.streamed]!;
    if (this.streamedRows === 0) dispatcher.begin(0, transaction.xid, 0, 0);
    const change = transaction.changes[this.streamedRows];
    if (change === undefined) {
      dispatcher.commit(0, this.streamed + 1);
      this.streamed += 1;
      this.streamedRows = 0;
      this.consume();
      this.messagesAt[this.streamed] = this.messages.length;
      return;
    }
    const { operation, key, oldKey, row, isPartial } = change;
    const old = operation === Operation.delete ? image([key, null, null]) : oldKey === null ? NOTHING : image([oldKey, null, null]);
    const bytes = Buffer.concat([old, row === null ? NOTHING : image([key, row.v, isPartial ? UNCHANGED : row.big])]);
    const oldImage = old.length === 0 || this.weakness === 'old key' ? OldImage.none : OldImage.key;
    dispatcher.row(operation, 1, 0, 1, bytes, oldImage, 0, old.length, old.length, bytes.length);
    this.streamedRows += 1;
    this.consume();
  }

  /** One step of the reader, which another step of anything may follow. */
  private read(): void {
    this.reader ??= this.readTable();
    if (this.reader.next().done === true) this.isRead = true;
  }

  private watch(): void {
    this.bench.dispatcher.watch(NAME, (row) => this.moved.push({ ...row, after: this.streamed }));
  }

  private *readTable(): Generator<void, void> {
    const { dispatcher } = this.bench;
    this.hasBegun = true;
    this.watch();
    const window = dispatcher.windowOf(NAME);
    yield;
    const writers = this.weakness === 'writers' ? [] : [...this.world.open, ...this.world.log].filter(({ isOver }) => !isOver);
    while (writers.some(({ isOver }) => !isOver)) yield;
    for (const [chunk, [from, to]] of CHUNKS.entries()) {
      if (this.recorded.has(chunk)) continue;
      let keys = Array.from({ length: to - from }, (_, index) => from + index);
      for (;;) {
        yield* this.readKeys(chunk, keys, window);
        const { isBlind, again } = window.outcome();
        if (isBlind && this.weakness !== 'blind') continue;
        if (isBlind || again.length === 0 || this.weakness === 'again') break;
        keys = again.map(([key]) => Number(key));
      }
      if (chunk === CHUNKS.length - 1 && this.weakness !== 'moved') yield* this.readMoved(chunk, window);
      // Some may still lie behind a row that is held back for its successor.
      this.ended.push({ chunk, messages: this.arrived + this.bench.dispatcher.rows });
    }
    dispatcher.unwatch(NAME);
  }

  /** Rows that may have gone from one chunk to another. */
  private *readMoved(chunk: number, window: ReadWindow): Generator<void, void> {
    // They stay recorded until the chunk is.
    const settled = new Set<MovedRow>();
    for (;;) {
      const open = this.moved.filter((row) => !settled.has(row));
      if (open.length === 0) return;
      const shown = yield* this.readKeys(chunk, [...new Set(open.map(({ key }) => Number(key[0])))], window);
      const { isBlind, again } = window.outcome();
      if (isBlind) continue;
      const isAgain = (row: MovedRow) => again.some(([key]) => key === row.key[0]);
      const isThere = (row: MovedRow) => this.weakness === 'moved unseen' || shown.has(row.xid);
      for (const row of open) if (isThere(row) && !isAgain(row)) settled.add(row);
      if (this.weakness === 'moved dropped') this.moved = this.moved.filter((row) => !settled.has(row));
    }
  }

  /** Rows of these keys under a snapshot of their own. */
  private *readKeys(chunk: number, keys: readonly number[], window: ReadWindow): Generator<void, ReadonlySet<number>> {
    const { dispatcher } = this.bench;
    const shown = new Set([GENESIS, ...this.world.log].filter(({ isOver }) => isOver).map(({ xid }) => xid));
    const mark = this.world.log.length;
    window.show({ shows: (xid) => this.weakness === 'window' || shown.has(xid) }, TABLE);
    yield;
    while (this.streamed < mark && this.weakness !== 'mark') yield;
    for (const key of keys) {
      const row = this.world.rowFor(key, (xid) => shown.has(xid));
      if (row === null) continue;
      dispatcher.enterUnit(chunk);
      const bytes = image([key, row.v, row.big]);
      dispatcher.row(Operation.insert, 1, 0, 1, bytes, OldImage.none, 0, 0, 0, bytes.length);
      dispatcher.leaveUnit();
      this.consume();
      yield;
    }
    return shown;
  }

  private consume(): void {
    this.bench.dispatcher.flush();
    for (const { kind, operation, text, snapshot } of this.bench.read())
      if (kind === RecordKind.row) this.messages.push(messageOf(operation, text, snapshot));
  }

  /** Only the first of what was sent has arrived, and only what is behind nothing else is recorded. */
  private crash(): void {
    this.crashes -= 1;
    this.hasCrashed = true;
    const arrived = this.pick(Array.from({ length: this.messages.length + 1 - this.arrived }, (_, index) => this.arrived + index));
    this.arrived = arrived;
    this.messages = this.messages.slice(0, arrived);
    for (const { chunk, messages } of this.ended.splice(0)) if (messages <= arrived) this.recorded.add(chunk);
    let stored = this.streamed;
    while (stored > 0 && this.messagesAt[stored]! > arrived) stored -= 1;
    this.streamed = stored;
    this.moved = this.weakness === 'moved forgotten' ? [] : this.moved.filter(({ after }) => after < stored);
    this.streamedRows = 0;
    this.bench = this.newBench();
    this.reader = null;
    this.isRead = false;
    if (this.hasBegun && this.weakness !== 'watched late') this.watch();
  }

  private judge(): string | null {
    const state = new Map<number, { v: number; big: number | null }>();
    const last = new Map<number, number>();
    for (const { operation, key, oldKey, v, big, isRead } of this.messages) {
      // A restart may repeat it when the row has moved already.
      const before = (oldKey === null ? undefined : state.get(oldKey)) ?? state.get(key);
      if (oldKey !== null) state.delete(oldKey);
      if (operation === Operation.delete) {
        state.delete(key);
        continue;
      }
      const known = last.get(key) ?? 0;
      const isLate = isRead ? v < known : v <= known;
      if (isLate && !this.hasCrashed) return `key ${key}: v = ${v} of ${isRead ? 'the table' : 'the stream'} comes after v = ${known}`;
      last.set(key, v);
      state.set(key, { v, big: big ?? before?.big ?? null });
    }
    for (let key = 0; key < KEYS; key++) {
      const is = this.world.rowFor(key, () => true);
      const told = state.get(key) ?? null;
      if (JSON.stringify(is) !== JSON.stringify(told))
        return `key ${key} is ${JSON.stringify(is)}, and the messages say ${JSON.stringify(told)}`;
    }
    return null;
  }
}
