import { MillraceError } from '../../base/errors.ts';

/** Payload bytes of a packet that another one continues. */
const PACKET_BYTES_MAX = 0xff_ff_ff;
const HEADER_BYTES = 4;
/** Kept for payloads that came in pieces; a larger one gets memory of its own, which goes with it. */
const KEPT_BYTES = 262_144;

/** What takes the payloads of packets. */
export interface PacketHandler {
  /**
   * `bytes[start, end)` is one whole payload, valid during the call. False: the payload was taken, and no other one may come before
   * `PacketReader.proceed`.
   */
  packet(bytes: Uint8Array, start: number, end: number): boolean;
}

/**
 * Cuts the bytes of a connection into the payloads of its packets: a length of 3 bytes, a number that counts up, the payload. One of
 * 16 MB - 1 goes on in the next packet. A payload that lies whole in one chunk is handed over where it lies.
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
      this.gather();
      if (this.left > 0) return true;
      this.left = -1;
      if (!this.continues) this.handOverGathered();
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
    this.checkSize();
    return true;
  }

  private checkSize(): void {
    const bytes = this.gatheredBytes + this.left;
    if (bytes <= this.payloadBytesMax) return;
    const message =
      `An event of at least ${bytes} bytes is larger than the ${this.payloadBytesMax} that there is memory for. ` +
      `Set MILLRACE_MEMORY to more than ${4 * bytes}.`;
    throw new MillraceError('EVENT_TOO_LARGE', message, { bytes, limit: this.payloadBytesMax });
  }

  /** Hands over a payload that lies whole in the chunk. Returns whether it did. */
  private handsOverInPlace(): boolean {
    const start = this.at;
    const end = start + this.left;
    if (this.continues || this.gatheredBytes > 0 || end > this.chunk.length) return false;
    this.at = end;
    this.left = -1;
    this.blocked = !this.handler.packet(this.chunk, start, end);
    return true;
  }

  private gather(): void {
    const bytes = Math.min(this.left, this.chunk.length - this.at);
    this.makeRoom(this.gatheredBytes + bytes);
    this.gathered.set(this.chunk.subarray(this.at, this.at + bytes), this.gatheredBytes);
    this.gatheredBytes += bytes;
    this.at += bytes;
    this.left -= bytes;
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
