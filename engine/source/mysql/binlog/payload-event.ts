import { crc32 } from 'node:zlib';
import { copyOf } from '../../../base/byte-view.ts';
import { CHECKSUM_BYTES, EventType, HEADER_BYTES, HeaderAt, u32le } from './event-layout.ts';
import { wrongChecksum } from './checksum.ts';
import { Fields } from './fields.ts';
import type { LogPlace } from './log-place.ts';
import { PayloadReader } from './payload.ts';
import { HOLDS_ROWS } from './rows-event.ts';
import { malformed } from './unsupported.ts';

/** They are not in payloads. */
const OF_FILES: ReadonlySet<number> = new Set([EventType.formatDescription, EventType.rotate, EventType.transactionPayload]);

/** Takes an event of a payload, `bytes[start, end)`, valid during the call. */
type TakeTyped = (type: number, bytes: Uint8Array, start: number, end: number) => void;

/** Whether the event that begins at `start` is read in parts: its size is that of a transaction, up to 1 GB. */
export function comesInParts(bytes: Uint8Array, start: number): boolean {
  return bytes[start + HeaderAt.type] === EventType.transactionPayload;
}

/**
 * The TRANSACTION_PAYLOAD event that is being read, in parts as they come: it may be larger than memory. Its checksum comes last, and what
 * it holds may be something else until then. So the events in it are given as they come, to be held, but for one that may decide the
 * transaction: that is kept until another follows, or returned by `finish`. What is wrong in the middle is told at the end, where the
 * checksum says whether the server wrote it so.
 */
export class PayloadEvent {
  /** It has begun, and is not finished. */
  isOpen = false;
  /** Its last part was added: once that is read, `finish` follows. */
  isComplete = false;
  /** It was read before: nothing in it is given. */
  isPassedOver = false;
  private readonly place: LogPlace;
  private readonly take: TakeTyped;
  private readonly reader: PayloadReader;
  /** Of the event, how much of it is covered by the checksum, and has come. */
  private length = 0;
  private bodyLength = 0;
  private seen = 0;
  /** Of what has come; and the one that stands behind it. */
  private sum = 0;
  private expected = 0;
  private kept: Uint8Array | null = null;
  private failure: { readonly error: unknown } | null = null;

  /**
   * @param place of the event, for errors
   * @param take is given the events that another one follows, and those that decide nothing
   */
  constructor(eventBytesMax: number, place: LogPlace, take: TakeTyped) {
    this.place = place;
    this.take = take;
    this.reader = new PayloadReader(eventBytesMax, (...event) => this.keepOrGive(...event));
  }

  /** Begins with the first part: it has the header and all other fields in front of the payload. Then it is to be added. */
  begin(bytes: Uint8Array, start: number, hasChecksum: boolean, isPassedOver: boolean): void {
    this.isOpen = true;
    this.isPassedOver = isPassedOver;
    this.length = u32le(bytes, start + HeaderAt.length);
    this.bodyLength = this.length - (hasChecksum ? CHECKSUM_BYTES : 0);
    this.seen = this.sum = this.expected = 0;
    this.kept = this.failure = null;
  }

  /**
   * The next part of the event, which stays as it is until `read` has returned true.
   * @param isLast nothing of it comes any more
   * @throws MillraceError `BINLOG_EVENT_INVALID` when its length is not what its header says
   */
  add(bytes: Uint8Array, start: number, end: number, isLast: boolean): void {
    const { seen, bodyLength, length } = this;
    this.seen = seen + end - start;
    this.isComplete = isLast;
    if (this.seen > length || (isLast && this.seen < length)) {
      throw malformed('a TRANSACTION_PAYLOAD event with another length in its header', this.place);
    }
    const bodyEnd = Math.max(start, Math.min(end, start + bodyLength - seen));
    this.sum = crc32(bytes.subarray(start, bodyEnd), this.sum);
    for (let at = bodyEnd; at < end; at++) this.expected = (this.expected >>> 8) | (bytes[at]! << 24);
    this.attempt(() => {
      if (seen > 0) return this.reader.feed(bytes, start, bodyEnd);
      const fields = new Fields(bytes, start + HEADER_BYTES, bodyEnd, 'a TRANSACTION_PAYLOAD event');
      this.reader.begin(fields);
      this.reader.feed(bytes, fields.at, bodyEnd);
    });
  }

  /** Reads what was added. False when there is more of it, and others should have a turn first. */
  read(): boolean {
    let isRead = true;
    this.attempt(() => (isRead = this.reader.read()));
    return isRead;
  }

  /**
   * Ends it; returns the event in it that is left, if any: the one that decides the transaction.
   * @throws MillraceError `BINLOG_CHECKSUM`; what was wrong in it; what `take` threw
   */
  finish(): Uint8Array | null {
    this.isOpen = false;
    if (this.bodyLength < this.length && (this.sum | 0) !== this.expected) throw wrongChecksum(this.length, this.place);
    this.attempt(() => this.reader.finish());
    if (this.failure !== null) throw this.failure.error;
    return this.kept;
  }

  /** The rest of it does not come. */
  drop(): void {
    this.isOpen = false;
  }

  close(): void {
    this.reader.close();
  }

  private keepOrGive(bytes: Uint8Array, start: number, end: number): void {
    const { kept } = this;
    this.kept = null;
    if (kept !== null) this.take(kept[HeaderAt.type]!, kept, 0, kept.length);
    const type = bytes[start + HeaderAt.type]!;
    if (OF_FILES.has(type)) throw malformed(`a TRANSACTION_PAYLOAD event with an event of type ${type} in it`, this.place);
    if (HOLDS_ROWS[type] === 1 || type === EventType.tableMap) this.take(type, bytes, start, end);
    else this.kept = copyOf(bytes, start, end);
  }

  /** Unless something was wrong before, or nothing is wanted. */
  private attempt(action: () => void): void {
    if (this.failure !== null || this.isPassedOver) return;
    try {
      action();
    } catch (error) {
      this.failure = { error };
    }
  }
}
