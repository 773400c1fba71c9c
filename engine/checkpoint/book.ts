import { createHash } from 'node:crypto';
import type { Position } from '../change/position.ts';
import type { SourceBinding, StoredStart } from '../change/source-binding.ts';
import type { CheckpointContent } from './record.ts';
import type { CheckpointStore } from './store.ts';

/** 96 bits: no two versions of tables meet. */
const DIGEST_LETTERS = 16;

/**
 * All that one changefeed's checkpoint holds, kept up to date by those who know: the start (position, binding), the sink (partition
 * counts), the source (schema versions), the checkpointer (position, rows). Written whole each time.
 */
export class CheckpointBook {
  private readonly store: CheckpointStore;
  private content: CheckpointContent;
  /** Rows delivered by earlier processes. */
  private readonly rowsBefore: bigint;

  constructor(store: CheckpointStore, start: StoredStart) {
    const { loaded } = store;
    this.store = store;
    this.rowsBefore = BigInt(loaded?.rowsDelivered ?? '0');
    this.content = {
      position: start.position,
      source: start.source,
      topics: loaded?.topics ?? {},
      rowsDelivered: String(this.rowsBefore),
      schemaVersion: loaded?.schemaVersion ?? 0,
      tables: loaded?.tables ?? [],
      schemas: loaded?.schemas ?? {},
    };
  }

  /** The position that was last given to the store; null before the first. */
  get position(): Position | null {
    return this.content.position;
  }

  /** Makes a start (an intent, or where the stream begins) durable. */
  async begin(position: Position | null, source: SourceBinding): Promise<void> {
    await this.write({ position, source });
  }

  /** Records what the start settled; durable with the next store. */
  settle(topics: Readonly<Record<string, number>>, tables: readonly string[]): void {
    this.content = { ...this.content, tables };
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

  /** Makes a position durable; `rows` were delivered by this process so far. */
  async advance(position: Position, rows: number): Promise<void> {
    await this.write({ position, rowsDelivered: String(this.rowsBefore + BigInt(rows)) });
  }

  private async write(change: Partial<CheckpointContent>): Promise<void> {
    const content = { ...this.content, ...change };
    await this.store.store(content);
    this.content = { ...this.content, ...change };
  }
}
