import { rowDecoderOf } from '../../engine/change/row-form.ts';
import type { SchemaRecord } from '../../engine/change/schema-record.ts';
import type { TableSchema } from '../../engine/change/table-schema.ts';
import { MessageBatch } from '../../engine/encode/batch.ts';
import { createEncoder } from '../../engine/encode/formats.ts';
import { ENCODE_FULL, type EncoderOptions } from '../../engine/encode/encoder.ts';
import { alignRecord, NO_KEY, RECORD_KIND, RECORD_LENGTH, RecordKind, Row, ROW_HEADER_BYTES } from '../../engine/ring/layout.ts';
import { ROW_DECODERS } from '../../engine/row-decoders.ts';
import { RowEncoder } from '../../native-bridge/row-encoder.ts';
import { KV_JSON, MAXWELL } from '../../test/support/formats.ts';
import type { Bench } from '../bench.ts';
import { measureMicro } from './measure.ts';
import { ORDERS_SCHEMA, orderImages, type RowImages } from './orders-rows.ts';
import { PACKED_ORDERS_SCHEMA, packedOrderImages } from './packed-orders.ts';

const ROWS = 1_000;
/** Rows of one transaction: how long the cached head of a message serves. */
const ROWS_PER_TRANSACTION = 1_000;
const SLAB_BYTES = 1_048_576;
const RING_BYTES = 524_288;

/**
 * `micro.encode.*`: an inserted row of `orders`, from its ring record to its message, by the encoder and by native code; `packed` as a
 * binlog has it.
 */
export const ENCODE_BENCHES: readonly Bench[] = [MAXWELL, KV_JSON].flatMap((options) => [
  benchOf(options),
  nativeBenchOf(`micro.encode.${options.format}.native`, options, ORDERS_SCHEMA, orderImages),
  nativeBenchOf(`micro.encode.${options.format}.packed`, options, PACKED_ORDERS_SCHEMA, packedOrderImages),
]);

function benchOf(options: EncoderOptions): Bench {
  const id = `micro.encode.${options.format}`;
  const run: Bench['run'] = async (session) => {
    const encoder = createEncoder(options);
    const record: SchemaRecord = { schema: ORDERS_SCHEMA, tableName: 'orders' };
    encoder.schema(record);
    const { bytes, words, records } = insertRecords(orderImages(ROWS));
    const slab = new Uint8Array(new SharedArrayBuffer(SLAB_BYTES));
    const encodeAll = (): number => {
      let position = 0;
      for (let row = 0; row < ROWS; row++) {
        position = encoder.encode(bytes, words, records[row]!, slab, position);
        if (position === ENCODE_FULL) throw new Error('the slab is too small');
      }
      return position;
    };
    const valueBytes = encodeAll() / ROWS;
    return await measureMicro(id, ROWS, session.runs(5), () => void encodeAll(), { value_bytes: valueBytes });
  };
  return { id, run };
}

function nativeBenchOf(id: string, options: EncoderOptions, schema: TableSchema, imagesOf: (count: number) => RowImages): Bench {
  const run: Bench['run'] = async (session) => {
    const { bytes, end } = insertRecords(imagesOf(ROWS));
    const batch = new MessageBatch({ slabBytes: SLAB_BYTES, messages: ROWS });
    const rows = new RowEncoder({ ring: bytes, slab: batch.slab, messages: batch.messages, targets: batch.targets });
    const packed = rowDecoderOf(ROW_DECODERS, schema, null)?.packedLayout() ?? null;
    rows.add(schema.id, createEncoder(options).schema({ schema, tableName: 'orders' }), packed);
    const encodeAll = (): number => {
      batch.count = 0;
      batch.slabEnd = 0;
      batch.valueBytes = 0;
      batch.run(rows, 0, end, 0);
      if (batch.count < ROWS) throw new Error('native code left a row');
      return batch.valueBytes;
    };
    const valueBytes = encodeAll() / ROWS;
    const result = await measureMicro(id, ROWS, session.runs(5), () => void encodeAll(), { value_bytes: valueBytes });
    rows.close();
    return result;
  };
  return { id, run };
}

/** Row records as the dispatcher writes them, in the memory of a ring, up to `end`. */
function insertRecords(images: RowImages): { bytes: Uint8Array; words: Int32Array; records: Uint32Array; end: number } {
  const records = new Uint32Array(ROWS);
  const memory = new SharedArrayBuffer(RING_BYTES);
  const bytes = new Uint8Array(memory);
  const words = new Int32Array(memory);
  let position = 0;
  for (let row = 0; row < ROWS; row++) {
    const image = images.bytes.subarray(images.starts[row], images.starts[row + 1]);
    const length = alignRecord(ROW_HEADER_BYTES + image.length);
    const word = position >> 2;
    words[word + (RECORD_LENGTH >> 2)] = length;
    words[word + (RECORD_KIND >> 2)] = RecordKind.row;
    words[word + (Row.xid >> 2)] = 700 + Math.floor(row / ROWS_PER_TRANSACTION);
    words[word + (Row.xoffset >> 2)] = row % ROWS_PER_TRANSACTION;
    words[word + (Row.keyLength >> 2)] = NO_KEY;
    words[word + (Row.newLength >> 2)] = image.length;
    words[word + (Row.commitMicrosLow >> 2)] = 123_456_789;
    words[word + (Row.commitMicrosHigh >> 2)] = 412_345;
    bytes.set(image, position + ROW_HEADER_BYTES);
    records[row] = position;
    position += length;
  }
  return { bytes, words, records, end: position };
}
