import type { RowChange, WorkKind } from './history.ts';
import type { Session } from './ledger.ts';
import type { Random } from './random.ts';

/** Tables that every writer writes. */
export const SHARED_TABLES = ['alpha', 'beta', 'gamma', 'delta'] as const;
/** TRUNCATE would take others' rows: only the first writer has the table for it. */
export const TRUNCATED_TABLE = 'omega';
/** Tables that are exported. */
export const TABLES: readonly string[] = [...SHARED_TABLES, TRUNCATED_TABLE];

/** How many there are: each has the ids that leave its number as the remainder. */
export const WRITERS = 3;

/** Rows of a big transaction, scaled down from what the bench does. */
export const BIG_ROWS = 8000;
/** Makes a transaction of so many rows larger than what is held of an undecided one in memory. */
const SPILL_PAD_BYTES = 4800;
const SMALL_CHANGES_MAX = 6;
const LIVE_ROWS = 60;
/** Of so many rows inserted at once, so many are changed later. */
const LIVE_SAMPLE = 40;
/** Ids are the counter's values, spread: changes then meet every range of a table, and a key change goes from any of them to any other. */
const SPREAD = 40_503;
const SPREAD_RANGE = 2 ** 24;

/**
 * What one writer knows of its rows, and the statements that change them. Writers share tables but no keys, so each key's changes are in
 * the order in which its writer made them. A deleted id may come again; one that a key change left never does.
 */
export class Work {
  /** Of the transaction under way. */
  changes: RowChange[] = [];
  private readonly random: Random;
  private readonly index: number;
  /** Live ids by table. */
  private readonly live = new Map<string, Set<number>>(TABLES.map((table) => [table, new Set()]));
  /** Deleted ids by table, by transactions that were committed. */
  private readonly deleted = new Map<string, Set<number>>(SHARED_TABLES.map((table) => [table, new Set()]));
  private before: ReadonlyMap<string, ReadonlySet<number>> = new Map();
  private nextId = 0;
  private version = 0;

  constructor(random: Random, index: number) {
    this.random = random;
    this.index = index;
  }

  /** A transaction begins. */
  begin(): void {
    this.changes = [];
    this.before = this.copyOfLive();
  }

  /** The transaction was committed. */
  keep(): void {
    for (const { table, type, id } of this.changes) {
      if (type === 'delete') this.deleted.get(table)?.add(id);
      if (type === 'insert') this.deleted.get(table)?.delete(id);
    }
  }

  /** The transaction came to nothing. */
  undo(): void {
    this.restore(this.before);
  }

  /** What goes before a transaction of this kind, and is none itself. */
  async prepare(client: Session, kind: WorkKind): Promise<void> {
    if (kind === 'rotate') await client.query('FLUSH BINARY LOGS');
    if (kind === 'ddl') await client.changeColumns?.(this.random.pick(SHARED_TABLES), this.random.next() < 0.5);
  }

  /** Makes the changes of a transaction of this kind. */
  async run(client: Session, kind: WorkKind): Promise<void> {
    switch (kind) {
      case 'big':
        return await this.insertMany(client, this.random.pick(SHARED_TABLES), BIG_ROWS, 3);
      case 'spill':
        // One writer's are enough to read back.
        if (this.index === 0) await this.insertMany(client, this.random.pick(SHARED_TABLES), BIG_ROWS, SPILL_PAD_BYTES);
        return await this.changeSome(client);
      case 'truncate':
        await this.changeSome(client);
        return await this.truncate(client);
      case 'savepoint': {
        await this.changeSome(client);
        const saved = this.copyOfLive();
        const kept = this.changes.length;
        await client.query('SAVEPOINT s');
        await this.changeSome(client);
        await client.query('ROLLBACK TO s');
        this.changes.length = kept;
        this.restore(saved);
        await client.query('SAVEPOINT kept');
        await this.changeSome(client);
        await client.query('RELEASE SAVEPOINT kept');
        return;
      }
      case 'key change':
        for (let i = 0; i < 5; i++) await this.changeKey(client);
        return;
      case 'small':
      case 'prepared':
      case 'rollback':
      case 'ddl':
      case 'rotate':
        return await this.changeSome(client);
    }
  }

  async insertMany(client: Session, table: string, rows: number, padBytes: number): Promise<void> {
    const first = this.nextId + 1;
    this.nextId += rows;
    const version = this.nextVersion();
    const id = `(n * ${SPREAD} % ${SPREAD_RANGE}) * ${WRITERS} + ${this.index}`;
    await client.insertSeries({ table, first, last: this.nextId, id, version, padBytes });
    for (let n = first; n <= this.nextId; n++) {
      this.changes.push({ table, type: 'insert', id: this.idOf(n), oldId: null, version });
      if (n % Math.ceil(rows / LIVE_SAMPLE) === 0) this.live.get(table)!.add(this.idOf(n));
    }
  }

  private async changeSome(client: Session): Promise<void> {
    const count = 1 + this.random.below(SMALL_CHANGES_MAX);
    for (let i = 0; i < count; i++) {
      const table = this.random.pick(SHARED_TABLES);
      const ids = [...this.live.get(table)!];
      const draw = this.random.next();
      if (ids.length === 0 || (draw < 0.4 && ids.length < LIVE_ROWS)) await this.insert(client, table);
      else if (draw < 0.8) await this.update(client, table, this.random.pick(ids));
      else if (draw < 0.9) await this.changeKey(client);
      else await this.remove(client, table, this.random.pick(ids));
    }
  }

  private async insert(client: Session, table: string): Promise<void> {
    const id = this.deletedId(table) ?? this.freshId();
    const version = this.nextVersion();
    await client.query(`INSERT INTO ${table} (id, version, pad) VALUES ($1, $2, repeat('x', $3))`, [id, version, this.random.below(300)]);
    this.live.get(table)!.add(id);
    this.changes.push({ table, type: 'insert', id, oldId: null, version });
  }

  private async update(client: Session, table: string, id: number): Promise<void> {
    const version = this.nextVersion();
    await client.query(`UPDATE ${table} SET version = $2 WHERE id = $1`, [id, version]);
    this.changes.push({ table, type: 'update', id, oldId: null, version });
  }

  private async changeKey(client: Session): Promise<void> {
    const table = this.random.pick(SHARED_TABLES);
    const oldId = [...this.live.get(table)!][0];
    if (oldId === undefined) return await this.insert(client, table);
    const id = this.freshId();
    const version = this.nextVersion();
    await client.query(`UPDATE ${table} SET id = $2, version = $3 WHERE id = $1`, [oldId, id, version]);
    this.live.get(table)!.delete(oldId);
    this.live.get(table)!.add(id);
    this.changes.push({ table, type: 'update', id, oldId, version });
  }

  private async remove(client: Session, table: string, id: number): Promise<void> {
    await client.query(`DELETE FROM ${table} WHERE id = $1`, [id]);
    this.live.get(table)!.delete(id);
    this.changes.push({ table, type: 'delete', id, oldId: null, version: null });
  }

  /** No message comes of it; what follows in the same transaction must. */
  private async truncate(client: Session): Promise<void> {
    if (this.index !== 0) return;
    await this.insert(client, TRUNCATED_TABLE);
    await client.query(`TRUNCATE ${TRUNCATED_TABLE}`);
    this.live.get(TRUNCATED_TABLE)!.clear();
    await this.insert(client, TRUNCATED_TABLE);
  }

  /** Now and then an id that was deleted, by an earlier transaction: messages of one transaction are told apart by their ids. */
  private deletedId(table: string): number | undefined {
    const ids = [...(this.deleted.get(table) ?? [])].filter((id) => !this.changes.some((change) => change.id === id));
    return ids.length > 0 && this.random.next() < 0.3 ? this.random.pick(ids) : undefined;
  }

  private freshId(): number {
    this.nextId += 1;
    return this.idOf(this.nextId);
  }

  private idOf(n: number): number {
    return ((n * SPREAD) % SPREAD_RANGE) * WRITERS + this.index;
  }

  private nextVersion(): number {
    this.version += 1;
    return this.version;
  }

  private copyOfLive(): Map<string, ReadonlySet<number>> {
    return new Map([...this.live].map(([table, ids]) => [table, new Set(ids)]));
  }

  private restore(saved: ReadonlyMap<string, ReadonlySet<number>>): void {
    for (const [table, ids] of saved) this.live.set(table, new Set(ids));
  }
}
