import { type RowDecoder, type RowDecoders, rowDecoderOf } from '../change/row-form.ts';
import type { RoutedSchema } from '../change/schema-record.ts';
import { Row, SCHEMA_HEADER_BYTES, SCHEMA_TEXT_LENGTH } from '../ring/layout.ts';
import type { RecordPlace } from '../ring/reader.ts';
import { DecodedRecord } from './decoded-record.ts';

/** What a worker knows of a version of a table. */
export interface KnownTable {
  readonly routed: RoutedSchema;
  /** Null where images are canonical. */
  readonly decoder: RowDecoder | null;
  /** As `routed`, of rows that were decoded. */
  readonly canonical: RoutedSchema;
}

/** The versions of tables that a worker was told of, and their rows in canonical form. */
export class KnownTables {
  private readonly decoders: RowDecoders;
  private readonly decoded: DecodedRecord;
  /** By schema id. */
  private readonly tables = new Map<number, KnownTable>();

  /** @param recordBytesMax largest record that a decoded row may take */
  constructor(decoders: RowDecoders, recordBytesMax: number) {
    this.decoders = decoders;
    this.decoded = new DecodedRecord(recordBytesMax);
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

  /**
   * The row record in canonical form: itself, or one that is good until the next row.
   * @throws MillraceError what the decoder throws; ROW_TOO_LARGE
   */
  canonical(place: RecordPlace): RecordPlace {
    const decoder = this.of(place)?.decoder ?? null;
    if (decoder === null) return place;
    this.decoded.decode(place, decoder);
    return this.decoded;
  }

  /** The table of a row record as the row is there, decoded or not; undefined for a version that the worker was not told of. */
  schemaOf(place: RecordPlace): RoutedSchema | undefined {
    const table = this.of(place);
    return place === this.decoded ? table?.canonical : table?.routed;
  }

  private of({ words, record }: RecordPlace): KnownTable | undefined {
    return this.tables.get(words[(record + Row.schemaId) >> 2]!);
  }
}
