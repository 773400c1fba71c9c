import { createHash } from 'node:crypto';
import type { Position } from '../change/position.ts';
import type { SnapshotRecord } from '../change/snapshot.ts';
import type { SourceBinding, StoredStart } from '../change/source-binding.ts';
import type { TableRead } from '../change/table-read.ts';
import type { CheckpointContent, CheckpointRecord } from './record.ts';
import type { CheckpointStore } from './store.ts';

/** 96 bits: no two versions of tables meet. */
const DIGEST_LETTERS = 16;

/**
 * All that one changefeed's checkpoint holds, kept up to date by those who know: the start (position, binding), the sink (partition
 * counts), the source (schema versions), the snapshot (units), the checkpointer (position, rows). Written whole each time.
 */
export class CheckpointBook {
  private readonly store: CheckpointStore;
  private content: CheckpointContent;
  /** What of it the store has for certain. */
  private durable: Pick<CheckpointContent, 'position' | 'rowsDelivered'>;
  /** Rows delivered by earlier processes. */
  private readonly rowsBefore: bigint;
  /** Rows that this process has delivered of a snapshot, beside the stream, and of the stream. */
  private snapshotRows = 0;
  private readRows = 0;
  private streamRows = 0;

  /** @param unbound what binds a changefeed that has never stored anything: nothing */
  constructor(store: CheckpointStore, unbound: SourceBinding) {
    const { loaded } = store;
    this.store = store;
    this.rowsBefore = BigInt(loaded?.rowsDelivered ?? '0');
    this.content = {
      position: loaded?.position ?? null,
      source: loaded?.source ?? unbound,
      topics: loaded?.topics ?? {},
      rowsDelivered: String(this.rowsBefore),
      schemaVersion: loaded?.schemaVersion ?? 0,
      tables: loaded?.tables ?? [],
      schemas: loaded?.schemas ?? {},
      snapshot: loaded?.snapshot ?? null,
      reads: loaded?.reads ?? [],
    };
    this.durable = this.content;
  }

  /** What the checkpoint held when it was opened; null without one. */
  get stored(): CheckpointRecord | null {
    return this.store.loaded;
  }

  /** The position that was last given to the store; null before the first. */
  get position(): Position | null {
    return this.durable.position;
  }

  /** Rows that were delivered since the changefeed was created, as they were last given to the store. */
  get rowsDelivered(): number {
    return Number(this.durable.rowsDelivered);
  }

  /** Makes a start (an intent, or where the stream begins) durable. */
  async begin(position: Position | null, source: SourceBinding): Promise<void> {
    await this.write({ position, source });
  }

  /** Records what the start settled; durable with the next store. */
  settle(start: StoredStart, topics: Readonly<Record<string, number>>, tables: readonly string[]): void {
    this.content = { ...this.content, ...start, tables };
    this.durable = this.content;
    this.recordTopics(topics);
  }

  /** Records the partition counts of topics; those of topics that this run has not met stay. Durable with the next store. */
  recordTopics(topics: Readonly<Record<string, number>>): void {
    this.content = { ...this.content, topics: { ...this.content.topics, ...topics } };
  }

  /**
   * The number of the version of a table that has this content: the one that it had before, else the next one. Durable with the next store;
   * without it the same rows are read again in the same order, and give the same numbers.
   */
  schemaVersionOf(content: string): number {
    const digest = createHash('sha256').update(content).digest('base64url').slice(0, DIGEST_LETTERS);
    const known = this.content.schemas[digest];
    if (known !== undefined) return known;
    const schemaVersion = this.content.schemaVersion + 1;
    this.content = { ...this.content, schemaVersion, schemas: { ...this.content.schemas, [digest]: schemaVersion } };
    return schemaVersion;
  }

  /** The snapshot as it was last given to the store. */
  get snapshot(): SnapshotRecord | null {
    return this.content.snapshot;
  }

  /** Records what a snapshot is about to read; durable with the next store. */
  planSnapshot(snapshot: SnapshotRecord | null): void {
    this.content = { ...this.content, snapshot };
  }

  /** Makes durable which units are done; `rows` of them were delivered by this process so far. */
  async storeSnapshot(snapshot: SnapshotRecord, rows: number): Promise<void> {
    this.snapshotRows = rows;
    await this.write({ snapshot, rowsDelivered: this.countRows() });
  }

  /** Makes a position durable; `rows` were delivered of the stream by this process so far. */
  async advance(position: Position, rows: number): Promise<void> {
    this.streamRows = rows;
    await this.write({ position, rowsDelivered: this.countRows() });
  }

  /** The tables that are read beside the stream, as they were last given to the store. */
  get reads(): readonly TableRead[] {
    return this.content.reads;
  }

  /** Records how far reads beside the stream are; durable with the next store. */
  planReads(reads: readonly TableRead[]): void {
    this.content = { ...this.content, reads };
  }

  /** Makes durable how far reads beside the stream are; `rows` of them were delivered by this process so far. */
  async storeReads(reads: readonly TableRead[], rows: number): Promise<void> {
    this.readRows = rows;
    await this.write({ reads, rowsDelivered: this.countRows() });
  }

  /** Counts tables that were read beside the stream among those of the snapshot; durable with the next store. */
  addToSnapshot({ tables }: SnapshotRecord): void {
    const { snapshot } = this.content;
    if (snapshot === null) return;
    const oids = new Set(tables.map(({ oid }) => oid));
    this.planSnapshot({ ...snapshot, tables: [...snapshot.tables.filter(({ oid }) => !oids.has(oid)), ...tables] });
  }

  /**
   * Gives up, durably, what a finished snapshot has of tables that are exported no longer: nobody will tell of their changes, so they are
   * read anew when they come back.
   * @param oids tables that are exported, and where their rows lie
   */
  async forgetOthers(oids: ReadonlySet<number>): Promise<void> {
    const { snapshot } = this.content;
    if (snapshot === null || snapshot.finishedAt === null) return;
    const tables = snapshot.tables.filter(({ oid }) => oids.has(oid));
    if (tables.length < snapshot.tables.length) await this.write({ snapshot: { ...snapshot, tables } });
  }

  private countRows(): string {
    return String(this.rowsBefore + BigInt(this.snapshotRows + this.readRows + this.streamRows));
  }

  /** Stream and reads write at the same time: what one gives to the store, the other's next record has too. */
  private async write(change: Partial<CheckpointContent>): Promise<void> {
    const content = { ...this.content, ...change };
    this.content = content;
    await this.store.store(content);
    this.durable = content;
  }
}
