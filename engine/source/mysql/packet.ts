import { MillraceError } from '../../base/errors.ts';
import { eventTooLarge } from './binlog/unsupported.ts';

/** Payload bytes of a packet that another one continues. */
const PACKET_BYTES_MAX = 0xff_ff_ff;
const HEADER_BYTES = 4;
/** So many bytes of a payload are at hand when it is to be known what it is. */
export const HEAD_BYTES = 128;
/** Kept for payloads that came in pieces; a larger one gets memory of its own, which goes with it. */
const KEPT_BYTES = 262_144;

/** What takes the payloads of packets. */
export interface PacketHandler {
  /**
   * `bytes[start, end)` is one whole payload, valid during the call. False: the payload was taken, and no other one may come before
   * `PacketReader.proceed`.
   */
  packet(bytes: Uint8Array, start: number, end: number): boolean;
  /** Whether a payload that goes on behind this chunk is taken in parts, however long it is. Its first `HEAD_BYTES` lie at `start`. */
  takesInParts(bytes: Uint8Array, start: number): boolean;
  /**
   * The next bytes of such a payload, the first time `HEAD_BYTES` of them. False: nothing may come before `PacketReader.proceed`, and
   * `bytes[start, end)` stays as it is until then.
   */
  part(bytes: Uint8Array, start: number, end: number, isFirst: boolean, isLast: boolean): boolean;
}

/**
 * Cuts the bytes of a connection into the payloads of its packets: a length of 3 bytes, a number that counts up, the payload. One of
 * 16 MB - 1 goes on in the next packet. A payload that lies whole in one chunk is handed over where it lies; another one is gathered, or
 * handed on as it comes.
 */
export class PacketReader {
  /** The handler had no room: the rest of the chunk waits. */
  blocked = false;
  private readonly handler: PacketHandler;
  private readonly payloadBytesMax: number;
  /** The chunk that is being read, and how far. */
  private chunk: Uint8Array = new Uint8Array(0);
  private at = 0;
  /** A header of which only so many bytes have come. */
  private readonly header = new Uint8Array(HEADER_BYTES);
  private headerBytes = 0;
  /** Number of the next packet, and what is left of the one that is being gathered; -1 when its header has not come. */
  private sequence = 0;
  private left = -1;
  /** Whether another packet continues the payload. */
  private continues = false;
  /** The payload is being handed over in parts. */
  private isInParts = false;
  private kept = new Uint8Array(KEPT_BYTES);
  /** The payload that is being gathered: in `gathered`, so many bytes. */
  private gathered: Uint8Array = this.kept;
  private gatheredBytes = 0;

  constructor(handler: PacketHandler, payloadBytesMax: number) {
    this.handler = handler;
    this.payloadBytesMax = payloadBytesMax;
  }

  /** A command begins a new count of packets; `sequence` is the number of the first one that answers it. */
  expect(sequence: number): void {
    this.sequence = sequence;
  }

  /**
   * Reads a chunk, which stays as it is until it is read to its end. Returns whether it is.
   * @throws MillraceError `STREAM_PROTOCOL`, `EVENT_TOO_LARGE`
   */
  feed(chunk: Uint8Array): boolean {
    this.chunk = chunk;
    this.at = 0;
    return this.read();
  }

  /** There is room again: goes on in the chunk. Returns whether it is read to its end. */
  proceed(): boolean {
    this.blocked = false;
    return this.read();
  }

  private read(): boolean {
    const { chunk } = this;
    while (this.at < chunk.length) {
      if (this.left < 0) {
        if (!this.readHeader()) return true;
        if (this.handsOverInPlace()) {
          if (this.blocked) return false;
          continue;
        }
      }
      if (this.isInParts) this.handOverPart();
      else this.gather();
      if (this.blocked) return false;
    }
    return true;
  }

  /** Returns whether the header is whole. An empty packet, which ends a payload of exactly so many packets, has nothing to wait for. */
  private readHeader(): boolean {
    const { chunk, header } = this;
    while (this.headerBytes < HEADER_BYTES) {
      if (this.at === chunk.length) return false;
      header[this.headerBytes++] = chunk[this.at++]!;
    }
    this.headerBytes = 0;
    this.left = header[0]! | (header[1]! << 8) | (header[2]! << 16);
    if (header[3] !== this.sequence) {
      const message = `The server sent packet ${header[3]} where packet ${this.sequence} is due.`;
      throw new MillraceError('STREAM_PROTOCOL', message, { sequence: header[3]!, expected: this.sequence });
    }
    this.sequence = (this.sequence + 1) & 0xff;
    this.continues = this.left === PACKET_BYTES_MAX;
    if (this.gatheredBytes > 0) this.checkSize();
    return true;
  }

  private checkSize(): void {
    const bytes = this.gatheredBytes + this.left;
    if (bytes > this.payloadBytesMax) throw eventTooLarge(bytes, this.payloadBytesMax);
  }

  /** Hands over a payload that lies whole in the chunk. Returns whether it did. */
  private handsOverInPlace(): boolean {
    const start = this.at;
    if (this.continues || this.isInParts || this.gatheredBytes > 0 || start + this.left > this.chunk.length) return false;
    this.goOn(this.left);
    this.blocked = !this.handler.packet(this.chunk, start, this.at);
    return true;
  }

  /** Passes over so many bytes of a packet. */
  private goOn(bytes: number): void {
    this.at += bytes;
    this.left = this.left === bytes ? -1 : this.left - bytes;
  }

  /** The payload has come to its end. */
  private get isWhole(): boolean {
    return this.left < 0 && !this.continues;
  }

  private handOverPart(): void {
    const start = this.at;
    this.goOn(Math.min(this.left, this.chunk.length - start));
    this.isInParts = !this.isWhole;
    this.blocked = !this.handler.part(this.chunk, start, this.at, false, this.isWhole);
  }

  /** The head by itself: by that the handler knows what the payload is. */
  private gather(): void {
    const room = this.gatheredBytes < HEAD_BYTES ? HEAD_BYTES - this.gatheredBytes : this.left;
    const bytes = Math.min(room, this.left, this.chunk.length - this.at);
    this.makeRoom(this.gatheredBytes + bytes);
    this.gathered.set(this.chunk.subarray(this.at, this.at + bytes), this.gatheredBytes);
    this.gatheredBytes += bytes;
    this.goOn(bytes);
    if (this.isWhole) this.handOverGathered();
    else if (this.gatheredBytes === HEAD_BYTES) this.askHandler();
  }

  private askHandler(): void {
    const { handler, gathered } = this;
    if (!handler.takesInParts(gathered, 0)) return this.checkSize();
    this.isInParts = true;
    this.gatheredBytes = 0;
    this.blocked = !handler.part(gathered, 0, HEAD_BYTES, true, false);
  }

  /** Grows with what has come, not with what a header promises. */
  private makeRoom(bytes: number): void {
    if (bytes <= this.gathered.length) return;
    const larger = new Uint8Array(Math.min(2 * bytes, this.payloadBytesMax));
    larger.set(this.gathered.subarray(0, this.gatheredBytes));
    this.gathered = larger;
  }

  private handOverGathered(): void {
    const { gathered, gatheredBytes } = this;
    this.gathered = this.kept;
    this.gatheredBytes = 0;
    this.blocked = !this.handler.packet(gathered, 0, gatheredBytes);
  }
}
