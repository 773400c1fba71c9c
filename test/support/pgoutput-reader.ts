import { ColumnKind } from '../../engine/change/column-kind.ts';
import type { RowSink } from '../../engine/change/row-sink.ts';
import type { TableSchema } from '../../engine/change/table-schema.ts';
import { FrameReader, type FrameHandler } from '../../engine/source/postgres/framing.ts';
import { PgoutputParser } from '../../engine/source/postgres/pgoutput.ts';
import type { RelationMessage, TypeMessage } from '../../engine/source/postgres/relation-message.ts';
import type { SignalTable } from '../../engine/source/postgres/signals.ts';
import type { RelationBinder, StreamPlace } from '../../engine/source/postgres/stream-tables.ts';
import { TableVersions } from '../../engine/source/versions.ts';
import { RecordingSink } from './recording-sink.ts';

/** Binds a table from its description alone: flagged columns are the key, all values are text. */
export class DescribedTables implements RelationBinder {
  /** So many calls are answered with `pending` before the next one is answered. */
  pending = 0;
  readonly relations: RelationMessage[] = [];
  readonly places: StreamPlace[] = [];
  readonly types: TypeMessage[] = [];
  private versions = 0;
  private readonly tables = new TableVersions(() => ++this.versions);

  bind(relation: RelationMessage, place: StreamPlace): TableSchema | 'pending' | 'unselected' {
    if (this.pending > 0) {
      this.pending -= 1;
      return 'pending';
    }
    this.relations.push(relation);
    this.places.push(place);
    const key = relation.columns.flatMap(({ isKey }, index) => (isKey ? [index] : []));
    return this.tables.of({
      database: 'test',
      schema: relation.schema,
      table: relation.table,
      columns: relation.columns.map(({ name }, index) => ({
        name,
        kind: ColumnKind.text,
        sourceType: 'text',
        nullable: true,
        length: -1,
        element: null,
        keyPosition: key.indexOf(index),
      })),
      keyColumns: key,
      primaryKey: key,
      valueForm: 'output',
      replicaIdentity: relation.replicaIdentity,
    });
  }

  nameType(type: TypeMessage): void {
    this.types.push(type);
  }
}

/** Frame reader, parser and a sink together, without a connection. */
export class StreamReader<Sink extends RowSink = RecordingSink> implements FrameHandler {
  readonly sink: Sink;
  readonly binder = new DescribedTables();
  readonly parser: PgoutputParser;
  /** Other messages of the server, by type. */
  readonly messages: string[] = [];
  private readonly frameBytesMax: number;
  private frames: FrameReader;

  constructor(sink: Sink, frameBytesMax = 1_000_000, signals: SignalTable | null = null) {
    this.sink = sink;
    this.frameBytesMax = frameBytesMax;
    this.parser = new PgoutputParser({ sink, binder: this.binder, signals, frameBytesMax });
    this.frames = new FrameReader(this, frameBytesMax);
    this.parser.reconnect(false);
  }

  static recording(frameBytesMax?: number): StreamReader {
    return new StreamReader(new RecordingSink(), frameBytesMax);
  }

  /** Reads chunks, each in memory that is overwritten afterwards, as a socket's may be. Returns how often a frame was refused. */
  read(...chunks: readonly Uint8Array[]): number {
    let refusals = 0;
    for (const chunk of chunks) {
      const copy = new Uint8Array(chunk);
      for (let isRead = this.frames.feed(copy); !isRead; isRead = this.frames.proceed()) refusals += 1;
      copy.fill(0xaa);
      this.parser.flush();
    }
    return refusals;
  }

  /** The connection is lost and another begins. */
  reconnect(): void {
    this.frames = new FrameReader(this, this.frameBytesMax);
    this.parser.reconnect(false);
  }

  copyData(bytes: Uint8Array, start: number, end: number): boolean {
    return this.parser.copyData(bytes, start, end);
  }

  message(type: number): void {
    this.messages.push(String.fromCharCode(type));
  }

  beginOversize(length: number): void {
    this.parser.beginOversize(length);
  }

  oversizePiece(bytes: Uint8Array, start: number, end: number): void {
    this.parser.oversizePiece(bytes, start, end);
  }

  endOversize(): boolean {
    return this.parser.endOversize();
  }
}
