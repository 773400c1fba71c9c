import { ZstdReader } from '../../../../native-bridge/zstd-reader.ts';
import { MillraceError } from '../../../base/errors.ts';
import { HEADER_BYTES, HeaderAt, u32le } from './event-layout.ts';
import { Fields } from './fields.ts';
import { eventTooLarge } from './unsupported.ts';

/** Keys of the fields in front of a payload, and how it may be compressed. */
const Key = { end: 0, size: 1, compression: 2, uncompressedSize: 3 } as const;
const Compression = { zstd: 0, none: 255 } as const;
const CHUNK_BYTES = 256 * 1024;
/** So many bytes are inflated in one go: few bytes may be many, and others wait for this thread. */
const TURN_BYTES = 4 * 1024 * 1024;
const NOTHING = new Uint8Array(0);

/** Takes events of a payload: `bytes[start, end)`, valid during the call. */
export type TakeEvent = (bytes: Uint8Array, start: number, end: number) => void;

/**
 * Reads the events in the payload of a TRANSACTION_PAYLOAD event, which comes in pieces. Sizes that it claims are believed of one event at
 * a time, up to a limit: they bring no more memory into being.
 */
export class PayloadReader {
  private readonly eventBytesMax: number;
  private readonly take: TakeEvent;
  private zstd: ZstdReader | null = null;
  private isCompressed = false;
  /** The piece, where it is not compressed: `input[at, end)` is left. */
  private input: Uint8Array = NOTHING;
  private at = 0;
  private end = 0;
  /** What came out of it: the beginning of an event, so many bytes. */
  private buffer: Uint8Array = NOTHING;
  private filled = 0;

  /** @param eventBytesMax a larger event in a payload is an error */
  constructor(eventBytesMax: number, take: TakeEvent) {
    this.eventBytesMax = eventBytesMax;
    this.take = take;
  }

  /**
   * Turns to a new payload, and reads the fields in front of it.
   * @throws MillraceError `BINLOG_EVENT_INVALID`
   */
  begin(fields: Fields): void {
    this.filled = 0;
    // Large events are seldom.
    if (this.buffer.length !== CHUNK_BYTES) this.buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    const compression = readHead(fields);
    this.isCompressed = compression === Compression.zstd;
    if (this.isCompressed) (this.zstd ??= new ZstdReader()).begin();
    else if (compression !== Compression.none) fields.fail(`compressed in an unknown way (${compression})`);
  }

  /** The next piece, `bytes[start, end)`, which stays as it is until `read` has returned true. */
  feed(bytes: Uint8Array, start: number, end: number): void {
    if (this.isCompressed) return this.zstd!.feed(bytes, start, end);
    this.input = bytes;
    this.at = start;
    this.end = end;
  }

  /**
   * Gives the events that have come, in turn. False when the piece has more of them, and others should have a turn first.
   * @throws MillraceError `BINLOG_EVENT_INVALID`, `EVENT_TOO_LARGE`, `COMPRESSED_DATA_INVALID`, and what `take` throws
   */
  read(): boolean {
    let left = TURN_BYTES;
    while (left > 0) {
      const { buffer, filled } = this;
      const end = this.isCompressed ? this.zstd!.read(buffer, filled) : this.copy(buffer, filled);
      this.keep(this.giveWhole(end), end);
      if (end < buffer.length) return true;
      left -= end - filled;
    }
    return false;
  }

  /**
   * The payload has ended.
   * @throws MillraceError `BINLOG_EVENT_INVALID` or `COMPRESSED_DATA_INVALID` when it did in the middle
   */
  finish(): void {
    if (this.isCompressed) this.zstd!.finish();
    if (this.filled === 0) return;
    throw new MillraceError('BINLOG_EVENT_INVALID', 'The server sent a TRANSACTION_PAYLOAD event that ends in the middle of an event.');
  }

  close(): void {
    this.zstd?.close();
    this.zstd = null;
  }

  private copy(buffer: Uint8Array, position: number): number {
    const length = Math.min(buffer.length - position, this.end - this.at);
    buffer.set(this.input.subarray(this.at, this.at + length), position);
    this.at += length;
    return position + length;
  }

  /** Gives the events that are there whole; returns where the next one begins. */
  private giveWhole(end: number): number {
    const { buffer } = this;
    let at = 0;
    while (end - at >= HEADER_BYTES) {
      const length = u32le(buffer, at + HeaderAt.length);
      if (length < HEADER_BYTES) throw tooShort(length);
      if (length > this.eventBytesMax) throw eventTooLarge(length, this.eventBytesMax);
      if (length > end - at) break;
      this.take(buffer, at, at + length);
      at += length;
    }
    return at;
  }

  /** Moves the beginning of an event to the front, where there is room for all of it. */
  private keep(start: number, end: number): void {
    const { buffer } = this;
    this.filled = end - start;
    const needed = this.filled >= HEADER_BYTES ? u32le(buffer, start + HeaderAt.length) : 0;
    if (needed <= buffer.length) {
      if (start > 0) buffer.copyWithin(0, start, end);
      return;
    }
    this.buffer = Buffer.allocUnsafeSlow(needed);
    this.buffer.set(buffer.subarray(start, end));
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

function tooShort(length: number): MillraceError {
  const message = `The server sent a TRANSACTION_PAYLOAD event with an event of ${length} bytes in it; none has less than ${HEADER_BYTES}.`;
  return new MillraceError('BINLOG_EVENT_INVALID', message, { length });
}
