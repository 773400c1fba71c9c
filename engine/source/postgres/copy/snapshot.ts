import { setTimeout as pause } from 'node:timers/promises';
import { MillraceError } from '../../../base/errors.ts';
import type { SnapshotRecord, UnitLimit } from '../../../change/snapshot.ts';
import type { SnapshotSource, SnapshotSourceStatus } from '../../source.ts';
import type { Session } from '../connection.ts';
import { formatLsn } from '../lsn.ts';
import type { Keeper } from './keeper.ts';
import { statementsOf, type CopyPlan, type CopyUnit } from './plan.ts';
import { LargeTurns } from './large-turns.ts';
import { SlotBudget, type SlotBudgetOptions } from './slot-budget.ts';
import { CopyStream } from './stream.ts';
import { UnitTaker, type TableSink } from './taker.ts';

export interface PostgresSnapshotOptions {
  readonly keeper: Keeper;
  readonly plan: CopyPlan;
  /** Opens a session for reading. */
  readonly openReader: () => Promise<Session>;
  /** Units that are read at a time, each over a connection of its own. */
  readonly connections: number;
  /** Size that tables are cut to. */
  readonly unitBytes: number;
  /** The largest line in bytes. */
  readonly lineBytesMax: number;
  /** The slot that waits meanwhile; null when no stream follows. */
  readonly slot: Pick<SlotBudgetOptions, 'slot' | 'limitBytes' | 'drops'> | null;
}

/** For the word of a keeper that is gone. */
const KEEPER_WORD_MS = 5_000;

/**
 * Reads what tables held at one moment: each unit by a COPY, several connections at a time, all under the snapshot that the keeper holds.
 *
 *   keeper ── exported snapshot ──► connection 1: unit ► unit ► ...  ─┐
 *                              └──► connection n: unit ► unit ► ...  ─┴─► sink (units in turn)
 */
export class PostgresSnapshot implements SnapshotSource {
  readonly record: SnapshotRecord;
  readonly expectedRows: readonly number[];
  readonly limit: UnitLimit;
  readonly micros: bigint;
  /** Where the log stood when the snapshot was taken. */
  readonly lsn: string;
  private readonly options: PostgresSnapshotOptions;
  private readonly due: CopyUnit[];
  private streams: CopyStream[] = [];
  private readonly largeTurns = new LargeTurns(() => this.resume());
  /** Nothing is read any more: all is given, it was stopped, or something failed. */
  private isOver = false;
  private isStopped = false;
  private budget: SlotBudget | null = null;
  private lost: (error: MillraceError) => void = () => undefined;

  constructor(options: PostgresSnapshotOptions) {
    this.options = options;
    this.record = options.plan.record;
    this.expectedRows = options.plan.expectedRows;
    this.limit = { bytes: options.plan.bytes, bytesMax: options.connections * options.unitBytes };
    this.micros = options.keeper.micros;
    this.lsn = formatLsn(options.keeper.lsn.high, options.keeper.lsn.low);
    this.due = [...options.plan.units].reverse();
  }

  async read(sink: TableSink): Promise<void> {
    const { connections, keeper, lineBytesMax, slot } = this.options;
    for (const schema of new Set(this.due.map(({ schema: shown }) => shown))) sink.schema(schema);
    const settings = { sink, lsn: keeper.lsn, lineBytesMax, isUnconverted: keeper.isUnconverted };
    const keeperLost = new Promise<never>((_, reject) => {
      this.lost = reject;
      keeper.session.onLost(reject);
    });
    if (slot !== null) this.budget = new SlotBudget({ ...slot, session: keeper.session, onFailure: (error) => this.lost(error) });
    try {
      const readers = Array.from({ length: Math.min(connections, this.due.length) }, () => this.readUnits(settings));
      await Promise.race([Promise.all(readers), keeperLost]);
    } catch (error) {
      const reason = isSnapshotGone(error) ? await keeperWord(keeperLost, error) : error;
      if (!this.isStopped) throw reason;
    } finally {
      this.closeStreams();
    }
  }

  /** One connection's life: a unit after the other, until none is left. */
  private async readUnits(settings: ConstructorParameters<typeof UnitTaker>[1]): Promise<void> {
    const session = await this.options.openReader();
    if (this.isOver) return await session.close();
    const stream = new CopyStream(session, settings.lineBytesMax, this.largeTurns.add());
    this.streams.push(stream);
    for (let unit = this.due.pop(); unit !== undefined; unit = this.due.pop()) {
      const taker = new UnitTaker(unit, settings);
      const isSame = await stream.run(statementsOf(unit, this.options.keeper.snapshotId), taker);
      if (isSame !== 't') throw changed(unit);
      settings.sink.endUnit(unit.unit);
    }
  }

  resume(): void {
    for (const stream of this.streams) stream.resume();
  }

  stop(): void {
    this.isStopped = true;
    this.closeStreams();
    this.lost(new MillraceError('STOPPED', 'the snapshot was told to stop'));
  }

  async close(): Promise<void> {
    this.stop();
    await this.options.keeper.session.close();
  }

  status(): SnapshotSourceStatus {
    return {
      stalled: this.streams.some(({ isBlocked }) => isBlocked),
      receivedBytes: this.streams.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0),
      heldBytes: this.budget?.bytes ?? null,
    };
  }

  private closeStreams(): void {
    this.isOver = true;
    this.budget?.close();
    for (const stream of this.streams) stream.close();
  }
}

/** What ended the keeper's session, and with it the snapshot of all, when that is told soon; else `error`, which a reader told of first. */
async function keeperWord(keeperLost: Promise<never>, error: unknown): Promise<unknown> {
  return await Promise.race([keeperLost.catch((reason: unknown) => reason), pause(KEEPER_WORD_MS, error, { ref: false })]);
}

/** SET TRANSACTION SNAPSHOT of one that is exported no longer: undefined_object, before 16 invalid_parameter_value. */
function isSnapshotGone(error: unknown): boolean {
  const sqlstate = error instanceof MillraceError ? error.details['sqlstate'] : undefined;
  return sqlstate === '42704' || sqlstate === '22023';
}

/** A table that was emptied or rewritten after the snapshot shows no rows of before. */
export function changed({ name }: CopyUnit): MillraceError {
  const message = `${name} was truncated, rewritten or replaced after the snapshot was taken: it is read under a new one.`;
  return new MillraceError('SNAPSHOT_OUTDATED', message, { table: name });
}
