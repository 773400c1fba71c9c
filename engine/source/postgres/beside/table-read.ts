import { setTimeout as delay } from 'node:timers/promises';
import { assert } from '../../../base/assert.ts';
import type { MovedRow, SnapshotRecord, UnitLimit, WindowOutcome } from '../../../change/snapshot.ts';
import type { SnapshotSourceStatus, TableReadSource } from '../../source.ts';
import type { TableSchema } from '../../../change/table-schema.ts';
import type { Session } from '../connection.ts';
import { LargeTurns } from '../copy/large-turns.ts';
import type { CopyPart } from '../copy/catalog.ts';
import type { CopyPlan, CopyUnit } from '../copy/plan.ts';
import { changed } from '../copy/snapshot.ts';
import { chunkBegin, chunkStatements, copyKeysStatement, copyStatement, type CopyRange, type CopyRows } from '../copy/statements.ts';
import { CopyStream } from '../copy/stream.ts';
import { UnitTaker, type TableSink } from '../copy/taker.ts';
import { parseLsn, type Lsn } from '../lsn.ts';
import { Snapshot } from '../snapshot.ts';
import { halvesOf, overtaken, REPEATS_MAX } from './halves.ts';
import { NO_ROWS } from './no-rows.ts';
import { untilWritersEnd } from './writers.ts';

/** The stream that the table is read beside. */
export interface StreamBeside {
  /** Resolves once all that the log has before this place is with the sink. */
  reached(lsn: Lsn, signal: AbortSignal): Promise<void>;
}

export interface TableReadOptions {
  /** For questions beside the rows; closed with the read. */
  readonly session: Session;
  readonly plan: CopyPlan;
  /** Of tables as they were planned: `copy/statements.ts`. */
  readonly forms: ReadonlyMap<number, string>;
  /** When it was planned, as `SnapshotSource.micros`. */
  readonly micros: bigint;
  /** The table itself, which a row does not leave with its key; null where partitions go out under their own names. */
  readonly root: CopyPart | null;
  /** Rows that got another key since the table was begun to be read; each stays the same object. */
  readonly moved: () => readonly MovedRow[];
  /** `schema.table` */
  readonly table: string;
  /** Relations whose writers are waited for: the table, and where its rows lie. */
  readonly oids: readonly number[];
  /** Throws when it is no longer a table whose changes are streamed. */
  readonly verify: () => Promise<void>;
  readonly stream: StreamBeside;
  readonly openReader: () => Promise<Session>;
  readonly lineBytesMax: number;
  /** What all that is begun and not recorded may count for. */
  readonly bytesMax: number;
  readonly isUnconverted: boolean;
  /** Says in the log what takes long. */
  readonly tell: (message: string) => void;
}

/** What came of one COPY: so many rows. */
interface CopyOutcome extends WindowOutcome {
  readonly rows: number;
}

const AGAIN_MS = 20;
/** The stream waits for the log to be written. */
const NUDGE_MS = 250;
/** Brings the log to disk: a commit with something in it does, whatever standbys say. */
const FLUSH = `
  BEGIN; SET LOCAL synchronous_commit = local; SELECT pg_logical_emit_message(true, 'millrace', ''); COMMIT`;
/** A chunk's transaction that had to wait longer for the stream: before the next one begins, the stream is to be that far. */
const FAR_MS = 1_000;

/**
 * Reads a table while the stream runs, one chunk after the other, each in a short transaction of its own:
 *
 *   watch ─► writers end ─► ┌ snapshot, mark ─► stream reaches the mark ─► COPY ─► rows left out for want of values: again ┐ ─► end
 *                           └────────────────────────────────── next chunk ◄─────────────────────────────────────────────────┘
 *
 * At the mark the stream has told all that the snapshot shows. What it told that the snapshot does not show, the window has noted: those
 * rows are left out. So each key has its changes in their order, and its row where the snapshot lies among them.
 */
export class PostgresTableRead implements TableReadSource {
  readonly record: SnapshotRecord;
  readonly expectedRows: readonly number[];
  readonly limit: UnitLimit;
  readonly schemas: readonly TableSchema[];
  micros: bigint;
  private readonly options: TableReadOptions;
  private readonly stopping = new AbortController();
  private stream: CopyStream | null = null;
  private readonly largeTurns = new LargeTurns(() => this.resume());
  private isFar = true;
  /** What the last COPY was read under. */
  private shown = new Snapshot('1:1:');

  constructor(options: TableReadOptions) {
    const { plan, bytesMax } = options;
    this.options = options;
    this.record = plan.record;
    this.expectedRows = plan.expectedRows;
    this.limit = { bytes: plan.bytes, bytesMax };
    this.schemas = [...new Set(plan.units.map(({ schema }) => schema))];
    this.micros = options.micros;
  }

  async read(sink: TableSink): Promise<void> {
    const { plan, openReader, lineBytesMax } = this.options;
    try {
      for (const schema of this.schemas) sink.schema(schema);
      // No transaction is open in the server while a broker is asked, which may take seconds.
      while (!this.schemas.every(({ id }) => sink.isPlanned(id))) await this.pause();
      await this.untilWritersEnd();
      const session = await openReader();
      if (this.stopping.signal.aborted) return await session.close();
      this.stream = new CopyStream(session, lineBytesMax, this.largeTurns.add());
      for (const unit of plan.units) await this.readUnit(this.stream, unit, sink);
    } catch (error) {
      if (!this.stopping.signal.aborted) throw error;
    } finally {
      this.stream?.close();
    }
  }

  private async untilWritersEnd(): Promise<void> {
    const { session, oids, table, tell } = this.options;
    const onSlow = (who: string) => tell(`${table} is read once the transactions are over that have written to it: ${who}`);
    await untilWritersEnd({ client: session.client, oids, onSlow, signal: this.stopping.signal });
  }

  private async readUnit(stream: CopyStream, unit: CopyUnit, sink: TableSink): Promise<void> {
    const { session, tell } = this.options;
    // Of ranges that are still to be read, the next one is the last.
    const left: CopyRange[] = [unit.rows.range];
    let repeats = 0;
    for (let range = left.pop(); range !== undefined; range = left.pop()) {
      const rows = { ...unit.rows, range };
      const given = await this.readRange(stream, unit, rows, sink);
      repeats = given === null ? 0 : repeats + 1;
      if (given === null) continue;
      if (repeats === REPEATS_MAX) throw overtaken(unit.name);
      if (range === unit.rows.range)
        tell(`more of ${unit.name} was changed than could be noted while a part was read: it is read again in halves`);
      left.push(...(await halvesOf(session.client, rows, given)).toReversed());
      await this.pause();
    }
    if (unit === this.options.plan.units.at(-1)) await this.finish(stream, unit, sink);
    sink.endUnit(unit.unit);
  }

  /** Reads a range until none of its rows lacks a value. Returns null, or how many rows it has where nobody knows which are overtaken. */
  private async readRange(stream: CopyStream, unit: CopyUnit, rows: CopyRows, sink: TableSink): Promise<number | null> {
    const whole = await this.readOnce(stream, unit, copyStatement(rows.part, rows.columns, rows.filter, rows.range), sink);
    let { isBlind, again } = whole;
    while (!isBlind && again.length > 0) {
      await this.pause();
      ({ isBlind, again } = await this.readOnce(stream, unit, copyKeysStatement(rows, again), sink));
    }
    return isBlind ? whole.rows : null;
  }

  private async finish(stream: CopyStream, last: CopyUnit, sink: TableSink): Promise<void> {
    await this.readMoved(stream, last, sink);
    await this.options.verify();
  }

  /**
   * Rows that got another key may have gone from a chunk that was still to be read to one that was. They are read where they are now, as
   * part of the last chunk, under a snapshot that shows them there.
   */
  private async readMoved(stream: CopyStream, last: CopyUnit, sink: TableSink): Promise<void> {
    const { plan, moved, root } = this.options;
    // They stay recorded until the chunk is.
    const settled = new Set<MovedRow>();
    for (let repeats = 0; ;) {
      const open = moved().filter((row) => !settled.has(row));
      if (open.length === 0) return;
      const keys = open.map(({ key }) => key);
      const outcomes: WindowOutcome[] = [];
      for (const unit of onePerTable(plan.units)) {
        const copy = copyKeysStatement({ ...unit.rows, part: root ?? unit.rows.part }, keys);
        outcomes.push(await this.readOnce(stream, { ...unit, unit: last.unit }, copy, sink));
      }
      const isBlind = outcomes.some((outcome) => outcome.isBlind);
      repeats = isBlind ? repeats + 1 : 0;
      if (repeats === REPEATS_MAX) throw overtaken(last.name);
      const again = new Set(outcomes.flatMap((outcome) => outcome.again.map(String)));
      for (const row of open) if (!isBlind && this.shown.shows(row.xid) && !again.has(String(row.key))) settled.add(row);
      await this.pause();
    }
  }

  /** Gives the rows of one COPY, under a snapshot of its own. */
  private async readOnce(stream: CopyStream, unit: CopyUnit, copy: string, sink: TableSink): Promise<CopyOutcome> {
    const { lineBytesMax, isUnconverted } = this.options;
    const window = sink.windowOf(unit.name);
    if (this.isFar) await this.reach(parseLsn((await stream.run('SELECT pg_current_wal_insert_lsn()::text', NO_ROWS)) ?? ''));
    const [snapshot, mark, micros, form] = ((await stream.run(chunkBegin(unit.tableOid), NO_ROWS)) ?? '').split(' ');
    assert(snapshot !== undefined && mark !== undefined && micros !== undefined, 'the server tells snapshot, place and time');
    if (form !== this.options.forms.get(unit.tableOid)) throw changed(unit);
    this.shown = new Snapshot(snapshot);
    window.show(this.shown, unit.schema);
    const lsn = parseLsn(mark);
    await this.reach(lsn);
    this.micros = BigInt(micros);
    const taker = new UnitTaker(unit, { sink, lsn, lineBytesMax, isUnconverted });
    const isSame = await stream.run(chunkStatements(unit.rows.part, copy), taker);
    const outcome = window.outcome();
    if (isSame !== 't') throw changed(unit);
    return { ...outcome, rows: taker.rows };
  }

  /** Before another look. */
  private async pause(): Promise<void> {
    await delay(AGAIN_MS, undefined, { signal: this.stopping.signal });
  }

  private async reach(lsn: Lsn): Promise<void> {
    const begin = performance.now();
    const nudging = setInterval(() => void this.nudge(), NUDGE_MS);
    try {
      await this.options.stream.reached(lsn, this.stopping.signal);
    } finally {
      clearInterval(nudging);
    }
    this.isFar = performance.now() - begin > FAR_MS;
  }

  /** The log is sent once it is on disk; a commit that does not wait for that is shown before. */
  private async nudge(): Promise<void> {
    await this.options.session.client.query(FLUSH).catch(() => undefined);
  }

  resume(): void {
    this.stream?.resume();
  }

  stop(): void {
    this.stopping.abort();
    this.stream?.close();
  }

  async close(): Promise<void> {
    this.stop();
    await this.options.session.close();
  }

  status(): SnapshotSourceStatus {
    return { stalled: this.stream?.isBlocked ?? false, receivedBytes: this.stream?.receivedBytes ?? 0, heldBytes: null };
  }
}

function onePerTable(units: readonly CopyUnit[]): CopyUnit[] {
  return [...new Map(units.map((unit) => [unit.schema, unit])).values()];
}
