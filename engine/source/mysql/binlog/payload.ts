import { ZstdReader } from '../../../../native-bridge/zstd-reader.ts';
import { MillraceError } from '../../../base/errors.ts';
import { HEADER_BYTES, HeaderAt, u32le } from './event-layout.ts';
import { Fields } from './fields.ts';

/** Keys of the fields in front of a payload, and how it may be compressed. */
const Key = { end: 0, size: 1, compression: 2, uncompressedSize: 3 } as const;
const Compression = { zstd: 0, none: 255 } as const;
const CHUNK_BYTES = 256 * 1024;

/** Takes events of a payload: `bytes[start, end)`, valid during the call. */
export type TakeEvent = (bytes: Uint8Array, start: number, end: number) => void;

/** Reads the events in the payloads of TRANSACTION_PAYLOAD events, chunk by chunk. */
export class PayloadReader {
  private readonly eventBytesMax: number;
  private zstd: ZstdReader | null = null;

  /** @param eventBytesMax a larger event in a payload is an error */
  constructor(eventBytesMax: number) {
    this.eventBytesMax = eventBytesMax;
  }

  /**
   * Gives the events of a payload, in turn, to `take`.
   * @param fields the body of the TRANSACTION_PAYLOAD event
   * @throws MillraceError `BINLOG_EVENT_INVALID`, `COMPRESSED_DATA_INVALID`, and what `take` throws
   */
  read(fields: Fields, take: TakeEvent): void {
    const compression = readHead(fields);
    if (compression === Compression.none) {
      const rest = this.giveWhole(fields.bytes, fields.at, fields.end, take);
      if (rest !== fields.end) throw cutShort();
      return;
    }
    if (compression !== Compression.zstd) fields.fail(`compressed in an unknown way (${compression})`);
    this.zstd ??= new ZstdReader();
    this.zstd.open(fields.bytes, fields.at, fields.end);
    this.inflate(this.zstd, take);
  }

  private inflate(zstd: ZstdReader, take: TakeEvent): void {
    let buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    let filled = 0;
    for (;;) {
      const end = zstd.read(buffer, filled);
      if (end === filled) break;
      const rest = this.giveWhole(buffer, 0, end, take);
      const left = end - rest;
      const needed = left >= HEADER_BYTES ? u32le(buffer, rest + HeaderAt.length) : 0;
      const next = needed > buffer.length ? Buffer.allocUnsafeSlow(needed) : buffer;
      next.set(buffer.subarray(rest, end));
      buffer = next;
      filled = left;
    }
    if (filled > 0) throw cutShort();
  }

  /** Gives the events that are there whole; returns where the next one begins. */
  private giveWhole(bytes: Uint8Array, start: number, end: number, take: TakeEvent): number {
    let at = start;
    while (end - at >= HEADER_BYTES) {
      const length = u32le(bytes, at + HeaderAt.length);
      if (length < HEADER_BYTES || length > this.eventBytesMax) throw badLength(length, this.eventBytesMax);
      if (length > end - at) break;
      take(bytes, at, at + length);
      at += length;
    }
    return at;
  }

  close(): void {
    this.zstd?.close();
    this.zstd = null;
  }
}

/** Reads the fields in front of a payload; returns how that is compressed. */
function readHead(fields: Fields): number {
  let compression: number = Compression.none;
  for (;;) {
    const key = fields.lenenc();
    if (key === Key.end) return compression;
    const length = fields.lenenc();
    const start = fields.skip(length);
    if (key === Key.compression) compression = new Fields(fields.bytes, start, start + length, 'a TRANSACTION_PAYLOAD event').lenenc();
  }
}

function cutShort(): MillraceError {
  return new MillraceError('BINLOG_EVENT_INVALID', 'The server sent a TRANSACTION_PAYLOAD event that ends in the middle of an event.');
}

function badLength(length: number, max: number): MillraceError {
  const message = `The server sent a TRANSACTION_PAYLOAD event with an event of ${length} bytes; from ${HEADER_BYTES} to ${max} are read.`;
  return new MillraceError('BINLOG_EVENT_INVALID', message, { length, max });
}
