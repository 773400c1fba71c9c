import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MillraceError } from '../../engine/base/errors.ts';
import type { MovedRow, SnapshotRecord } from '../../engine/change/snapshot.ts';
import type { TableRead } from '../../engine/change/table-read.ts';
import { TableReads } from '../../engine/checkpoint/table-reads.ts';
import { TableReadRun, type TableReadRunParts } from '../../engine/table-read-run.ts';
import { until } from '../support/wait.ts';

const RECORD: SnapshotRecord = {
  mode: 'FULL + INCREMENTAL',
  startedAt: '2026-03-01T12:00:00.000Z',
  finishedAt: null,
  tables: [{ oid: 1, name: 'public.t', rows: '0', parts: [] }],
};

/** Reads whose planning and rows are what the test says. */
class Bench {
  readonly reads: TableReads;
  readonly events: string[] = [];
  readonly run: TableReadRun;
  /** What an attempt to read comes to, in turn; then all is read. */
  readonly attempts: (() => Promise<boolean>)[] = [];
  /** What the delivery of a mark waits for. */
  readonly marking: { start?: () => Promise<void>; complete?: () => Promise<void> } = {};
  readonly watched = new Map<string, (row: MovedRow) => void>();
  /** What the checkpoint has. */
  stored: readonly TableRead[] = [];
  private stopReading: () => void = () => undefined;
  readonly sink = {
    watch: (table: string, onMoved: (row: MovedRow) => void) => void this.watched.set(table, onMoved),
    unwatch: (table: string) => void this.watched.delete(table),
  } as unknown as Parameters<TableReadRun['run']>[0];

  constructor(stored: readonly TableRead[] = [], hasMarks = false) {
    this.reads = new TableReads(stored, hasMarks);
    const parts: Partial<TableReadRunParts> = {
      reads: this.reads,
      open: async ({ id }) => {
        this.events.push(`open ${id}`);
        return { record: RECORD, close: async () => void this.events.push(`close ${id}`) } as unknown as Awaited<
          ReturnType<TableReadRunParts['open']>
        >;
      },
      wire: (_, id) => this.wire(id),
      sendMark: async (_, { mark, isLeft }) => {
        this.events.push(mark);
        await this.marking[mark]?.();
        return !isLeft();
      },
      store: async () => void (this.stored = this.reads.all),
      note: () => (this.stored = this.reads.all),
      onJoined: ({ tables }) => this.events.push(`joined ${tables[0]!.name}`),
      retry: { attempts: 0, backoffMs: 1, backoffMaxMs: 1, timeoutMs: null },
      now: () => performance.now(),
      tell: (message) => this.events.push(message),
      warn: (code) => this.events.push(code),
      onError: (error) => assert.fail(String(error)),
    };
    this.run = new TableReadRun(parts as TableReadRunParts);
  }

  private wire(id: string): ReturnType<TableReadRunParts['wire']> {
    const ledger = { isFinished: false, rowsFinished: 5 };
    const run = {
      run: async () => {
        ledger.isFinished = (await this.attempts.shift()?.()) ?? true;
        this.events.push(`rows ${id}`);
        this.reads.update(id, { progress: RECORD, rows: '5' });
      },
      stop: async () => this.stopReading(),
      tick: () => undefined,
    };
    return { ledger, run } as unknown as ReturnType<TableReadRunParts['wire']>;
  }

  /** An attempt that goes on until it is stopped. */
  untilStopped(): Promise<boolean> {
    return new Promise((resolve) => (this.stopReading = () => resolve(false)));
  }

  order(id: string, table = 'public.t'): void {
    this.run.order({ kind: 'read-table', id, table, where: null, comment: null });
  }

  async until(id: string, state: TableRead['state']): Promise<void> {
    await until(() => this.stored.some((read) => read.id === id && read.state === state), { what: () => JSON.stringify(this.stored) });
  }

  async end(running: Promise<void>): Promise<void> {
    await this.run.stop(performance.now());
    await running;
  }
}

const READ: TableRead = {
  id: 'r',
  table: 'public.t',
  where: null,
  comment: null,
  mark: null,
  joins: true,
  state: 'reading',
  progress: RECORD,
  rows: '0',
  expectedRows: 0,
  chunksDone: 0,
  chunks: 0,
  moved: [],
  error: null,
};

test('what passes is met by another attempt, what does not is told of the read alone', async () => {
  const bench = new Bench();
  const running = bench.run.run(bench.sink);
  const fail = (code: 'CONNECTION_LOST' | 'READ_TABLE_GONE' | 'SNAPSHOT_REFUSED') => () => Promise.reject(new MillraceError(code, 'so'));
  bench.attempts.push(fail('CONNECTION_LOST'), fail('SNAPSHOT_REFUSED'));
  bench.order('a');
  await bench.until('a', 'done');
  bench.attempts.push(fail('READ_TABLE_GONE'));
  bench.order('b');
  await bench.until('b', 'failed');
  bench.attempts.push(...Array.from({ length: 6 }, () => fail('SNAPSHOT_REFUSED')));
  bench.order('c');
  await bench.until('c', 'failed');
  assert.deepEqual(bench.stored.find(({ id }) => id === 'b')?.error, { code: 'READ_TABLE_GONE', message: 'so' });
  assert.equal(bench.events.filter((event) => event === 'open a').length, 3);
  assert.equal(bench.watched.size, 0);
  await bench.end(running);
});

test('a read that is cancelled is left where it is, and the next one begins', async () => {
  const bench = new Bench();
  const running = bench.run.run(bench.sink);
  bench.attempts.push(() => bench.untilStopped());
  bench.order('a');
  bench.order('b');
  await until(() => bench.run.isRunning, { what: 'the first to be read' });
  bench.run.order({ kind: 'cancel-read', id: 'a' });
  await bench.until('a', 'cancelled');
  await bench.until('b', 'done');
  await bench.end(running);
});

test('a read that a stop cuts short stays one that is under way', async () => {
  const bench = new Bench();
  const running = bench.run.run(bench.sink);
  bench.attempts.push(() => bench.untilStopped());
  bench.order('a');
  await until(() => bench.run.isRunning, { what: 'the first to be read' });
  await bench.end(running);
  assert.deepEqual(
    bench.reads.all.map(({ state }) => state),
    ['reading'],
  );
});

test('a table that was begun is watched before its read goes on, and rows that get another key are in the next record', async () => {
  const bench = new Bench([READ, { ...READ, id: 'waits', state: 'waiting', progress: null }]);
  bench.run.watch(bench.sink);
  assert.deepEqual([...bench.watched.keys()], ['public.t']);
  const row = { key: ['7'], xid: 3 };
  bench.watched.get('public.t')!(row);
  assert.deepEqual(bench.stored[0]?.moved, [row]);
  const running = bench.run.run(bench.sink);
  await bench.until('r', 'done');
  assert.deepEqual(bench.stored[0]?.moved, []);
  assert.ok(bench.events.includes('joined public.t'));
  await bench.end(running);
});

test('an order under an id that is known is told of: in the log where it is the same again, else as a warning', async () => {
  const bench = new Bench();
  bench.order('a');
  bench.order('a');
  bench.order('a', 'public.u');
  const words = (table: string) =>
    `the order to read ${table} has the id a, which a read of public.t has already (waiting): nothing is read for it`;
  assert.deepEqual(bench.events, [words('public.t'), 'READ_ID_KNOWN']);
});

test('a mark comes before the rows and one behind them, when all are delivered, and the read is over when that one is', async () => {
  const bench = new Bench([], true);
  const running = bench.run.run(bench.sink);
  let states: (TableRead['state'] | undefined)[] = [];
  bench.marking.complete = async () => void (states = bench.reads.all.map(({ state }) => state));
  bench.attempts.push(async () => false);
  bench.order('a');
  await bench.until('a', 'done');
  // The first attempt leaves chunks undone: it has a beginning and no end.
  assert.deepEqual(bench.events, ['open a', 'start', 'rows a', 'open a', 'rows a', 'complete']);
  assert.deepEqual(states, ['reading']);
  assert.equal(bench.reads.get('a').mark, null);
  await bench.end(running);
});

test('after a crash behind its last row a read has nothing left but its last mark', async () => {
  const progress = { ...RECORD, finishedAt: '2026-03-01T12:00:01.000Z' };
  const bench = new Bench([{ ...READ, joins: false, mark: 'complete', progress }], true);
  const running = bench.run.run(bench.sink);
  await bench.until('r', 'done');
  assert.deepEqual(bench.events, ['open r', 'close r', 'complete']);
  await bench.end(running);
});

test('a read that is cancelled before its rows are delivered has no last mark, and one that a stop cuts short has its mark still due', async () => {
  const bench = new Bench([], true);
  const running = bench.run.run(bench.sink);
  bench.attempts.push(() => bench.untilStopped());
  bench.order('a');
  await until(() => bench.run.isRunning, { what: 'the first to be read' });
  bench.run.order({ kind: 'cancel-read', id: 'a' });
  await bench.until('a', 'cancelled');
  assert.ok(!bench.events.includes('complete'));
  let go: () => void = () => undefined;
  bench.marking.start = () => new Promise((resolve) => (go = resolve));
  bench.order('b');
  await until(() => bench.events.filter((event) => event === 'start').length === 2, { what: 'the mark of the second' });
  const ended = bench.end(running);
  go();
  await ended;
  assert.equal(bench.reads.get('b').mark, 'start');
});

test('reads that were ordered with marks go on without them where messages have none any more', () => {
  const bench = new Bench([{ ...READ, joins: false, mark: 'start' }]);
  assert.equal(bench.reads.get('r').mark, null);
});
