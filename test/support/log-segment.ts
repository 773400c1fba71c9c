import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A record batch as a broker stored it. */
export interface StoredBatch {
  /** Offset of its first record. */
  readonly baseOffset: number;
  readonly codec: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  readonly records: number;
  /** With its header, as it came over the network. */
  readonly bytes: number;
  /** -1 for a producer without idempotence. */
  readonly producerId: bigint;
}

/*
 * baseOffset: int64, batchLength: int32, partitionLeaderEpoch: int32, magic: int8, crc: uint32,
 * attributes: int16 (bits 0-2 are the codec), lastOffsetDelta: int32, baseTimestamp: int64, maxTimestamp: int64,
 * producerId: int64, producerEpoch: int16, baseSequence: int32, records: int32
 */
const LENGTH_AT = 8;
const LENGTH_FROM = 12;
const MAGIC_AT = 16;
const ATTRIBUTES_AT = 21;
const PRODUCER_AT = 43;
const RECORDS_AT = 57;
const HEADER_BYTES = 61;
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** All batches of a topic's partition in the order of the log, read from the broker's own files. */
export function storedBatches(dataDir: string, topic: string, partition = 0): StoredBatch[] {
  const directory = join(dataDir, `${topic}-${partition}`);
  const segments = readdirSync(directory).filter((name) => name.endsWith('.log'));
  return segments.sort().flatMap((name) => batchesOf(readFileSync(join(directory, name))));
}

function batchesOf(segment: Buffer): StoredBatch[] {
  const batches: StoredBatch[] = [];
  for (let at = 0; at + HEADER_BYTES <= segment.length;) {
    const bytes = LENGTH_FROM + segment.readInt32BE(at + LENGTH_AT);
    if (segment[at + MAGIC_AT] !== 2) throw new Error(`a batch of format ${segment[at + MAGIC_AT]} at ${at}`);
    const codec = CODECS[segment.readInt16BE(at + ATTRIBUTES_AT) & 7];
    if (codec === undefined) throw new Error(`an unknown codec at ${at}`);
    const producerId = segment.readBigInt64BE(at + PRODUCER_AT);
    const baseOffset = Number(segment.readBigInt64BE(at));
    batches.push({ baseOffset, codec, records: segment.readInt32BE(at + RECORDS_AT), bytes, producerId });
    at += bytes;
  }
  return batches;
}
