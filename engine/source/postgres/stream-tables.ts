import type { RowSink } from '../../change/row-sink.ts';
import type { TableSchema } from '../../change/table-schema.ts';
import type { Lsn } from './lsn.ts';
import type { StreamTable } from './pgoutput-layout.ts';
import type { RelationMessage, TypeMessage } from './relation-message.ts';
import type { SignalTable } from './signals.ts';

/** Where in the log a description holds from: it comes without a place of its own, before the first row that needs it. */
export interface StreamPlace {
  /** Of the transaction that is being read. */
  readonly xid: number;
  /** That row lies at or after this: the change before it, or the transaction's beginning. */
  readonly from: Lsn;
}

/** Gives a table, as a Relation message describes it, its keys and kinds. */
export interface RelationBinder {
  /**
   * The table's version; `pending` while the catalogue is asked (the call is then repeated); `unselected` when its rows are not wanted.
   * @throws MillraceError `SCHEMA_UNKNOWN`
   */
  bind(relation: RelationMessage, place: StreamPlace): TableSchema | 'pending' | 'unselected';
  /** The name of a type that is not built in. */
  nameType(type: TypeMessage): void;
}

export interface StreamTablesOptions {
  readonly sink: RowSink;
  readonly binder: RelationBinder;
  /** Null without a signal table. */
  readonly signals: SignalTable | null;
}

/** The tables that a connection has described, by relation id (as a signed word). */
export class StreamTables {
  private readonly sink: RowSink;
  private readonly binder: RelationBinder;
  private readonly signals: SignalTable | null;
  private readonly tables = new Map<number, StreamTable>();
  /** By schema id: what the sink said when it was shown the version. */
  private readonly wanted = new Map<number, boolean>();
  private lastRelation = 0;
  private lastTable: StreamTable | undefined = undefined;

  constructor({ sink, binder, signals }: StreamTablesOptions) {
    this.sink = sink;
    this.binder = binder;
    this.signals = signals;
  }

  find(relation: number): StreamTable | undefined {
    // Rows come in runs of one table.
    if (relation === this.lastRelation && this.lastTable !== undefined) return this.lastTable;
    this.lastRelation = relation;
    this.lastTable = this.tables.get(relation);
    return this.lastTable;
  }

  /** A description of a table; false when the catalogue must be asked first. */
  describe(relation: RelationMessage, place: StreamPlace): boolean {
    const signal = this.signals?.readerOf(relation) ?? null;
    const bound = signal === null ? this.binder.bind(relation, place) : 'unselected';
    if (bound === 'pending') return false;
    const schema = bound === 'unselected' || !this.isWanted(bound) ? null : bound;
    const name = `${relation.schema}.${relation.table}`;
    this.tables.set(relation.relationId | 0, { name, schema, schemaId: schema?.id ?? -1, columnCount: relation.columns.length, signal });
    this.lastTable = undefined;
    return true;
  }

  nameType(type: TypeMessage): void {
    this.binder.nameType(type);
  }

  /** A new connection describes everything anew. */
  clear(): void {
    this.tables.clear();
    this.lastTable = undefined;
  }

  /** Each version is shown to the sink once. */
  private isWanted(schema: TableSchema): boolean {
    let wanted = this.wanted.get(schema.id);
    if (wanted === undefined) {
      wanted = this.sink.schema(schema);
      this.wanted.set(schema.id, wanted);
    }
    return wanted;
  }
}
