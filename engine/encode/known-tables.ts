import { type RowDecoder, type RowDecoders, rowDecoderOf } from '../change/row-form.ts';
import type { RoutedSchema } from '../change/schema-record.ts';
import { Row, SCHEMA_HEADER_BYTES, SCHEMA_TEXT_LENGTH } from '../ring/layout.ts';
import type { RecordPlace } from '../ring/reader.ts';

/** What a worker knows of a version of a table. */
export interface KnownTable {
  readonly routed: RoutedSchema;
  /** Null where images are canonical. */
  readonly decoder: RowDecoder | null;
  /** As `routed`, of rows that were decoded. */
  readonly canonical: RoutedSchema;
}

/** The versions of tables that a worker was told of. */
export class KnownTables {
  private readonly decoders: RowDecoders;
  /** By schema id. */
  private readonly tables = new Map<number, KnownTable>();

  constructor(decoders: RowDecoders) {
    this.decoders = decoders;
  }

  /** Takes in a schema record. */
  add({ bytes, words, record }: RecordPlace): KnownTable {
    const start = record + SCHEMA_HEADER_BYTES;
    const text = Buffer.from(bytes.subarray(start, start + words[(record + SCHEMA_TEXT_LENGTH) >> 2]!)).toString('utf8');
    const routed = JSON.parse(text) as RoutedSchema;
    const { schema } = routed;
    const decoder = rowDecoderOf(this.decoders, schema, null);
    const table = { routed, decoder, canonical: decoder === null ? routed : { ...routed, schema: { ...schema, form: null } } };
    this.tables.set(schema.id, table);
    return table;
  }

  /** That of a row record. */
  of({ words, record }: RecordPlace): KnownTable | undefined {
    return this.tables.get(words[(record + Row.schemaId) >> 2]!);
  }
}
