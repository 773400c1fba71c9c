import { MillraceError } from '../../base/errors.ts';

/**
 * The server's half of the frontend/backend protocol after START_REPLICATION (PostgreSQL manual 55.7):
 * a stream of messages `type u8, length i32 (itself included), body`, nearly all of them CopyData (`d`).
 * Integers are big-endian.
 */
export const Message = {
  copyData: 0x64,
  copyDone: 0x63,
  copyBoth: 0x57,
  copyOut: 0x48,
  rowDescription: 0x54,
  dataRow: 0x44,
  error: 0x45,
  notice: 0x4e,
  commandComplete: 0x43,
  parameterStatus: 0x53,
  readyForQuery: 0x5a,
} as const;

/** Type and length in front of every message's body. */
export const MESSAGE_HEADER_BYTES = 5;
/** Anything but CopyData is short: an error text, a setting. */
const OTHER_BYTES_MAX = 1_048_576;
const CARRY_BYTES_FIRST = 65_536;
/** A carry buffer that one large frame made longer is not kept. */
const CARRY_BYTES_KEPT = 1_048_576;

/** What reads the frames. Bytes are valid during the call only. */
export interface FrameHandler {
  /** The body of a CopyData message. False: it cannot be taken now and comes again with `FrameReader.proceed`. */
  copyData(bytes: Uint8Array, start: number, end: number): boolean;
  /** The body of any other message. */
  message(type: number, bytes: Uint8Array, start: number, end: number): void;
  /** A CopyData message above the limit follows in pieces; its length without the header. */
  beginOversize(length: number): void;
  oversizePiece(bytes: Uint8Array, start: number, end: number): void;
  /** False: what became of it cannot be taken now; it is called again with `FrameReader.proceed`. */
  endOversize(): boolean;
}

/** Says which of several readers may put together a message that is larger than what each keeps memory for. */
export interface LargeTurn {
  /** False: another reader has it. */
  take(): boolean;
  /** The message was taken. */
  end(): void;
}
const ALWAYS: LargeTurn = { take: () => true, end: () => undefined };

/** How a step of the reader ended. */
const CHUNK_READ = 0;
const REFUSED = 1;
const GO_ON = 2;
type Step = typeof CHUNK_READ | typeof REFUSED | typeof GO_ON;

/**
 * Cuts chunks into messages. Whole messages are read where they lie in the chunk; only one that is split over chunks is put together
 * in a buffer of its own, and one above `frameBytesMax` never is: it goes to the handler in pieces.
 */
export class FrameReader {
  private readonly handler: FrameHandler;
  private readonly frameBytesMax: number;
  private readonly largeTurn: LargeTurn;
  /** The chunk that is being read, and how far it has been. */
  private chunk: Uint8Array = new Uint8Array(0);
  private position = 0;
  /** A message that began in an earlier chunk: its first `carryLength` bytes. */
  private carry: Uint8Array = new Uint8Array(CARRY_BYTES_FIRST);
  private carryLength = 0;
  /** Bytes of an oversized message that are still to come. */
  private oversizeLeft = 0;
  /** All of an oversized message has come, and was not taken yet. */
  private oversizeWaits = false;
  private isBlocked = false;

  constructor(handler: FrameHandler, frameBytesMax: number, largeTurn = ALWAYS) {
    this.handler = handler;
    this.frameBytesMax = frameBytesMax;
    this.largeTurn = largeTurn;
  }

  /** Whether a frame could not be taken yet: no chunk is taken until `proceed` has returned true. */
  get blocked(): boolean {
    return this.isBlocked;
  }

  /**
   * Reads a chunk. Returns false when the handler refused a frame; the chunk must then stay as it is until `proceed` returns true.
   * @throws MillraceError `STREAM_PROTOCOL`, and what the handler throws
   */
  feed(chunk: Uint8Array): boolean {
    this.chunk = chunk;
    this.position = 0;
    return this.proceed();
  }

  /** Goes on where the handler refused a frame, with that frame. Returns whether the rest of the chunk was read. */
  proceed(): boolean {
    let step: Step = GO_ON;
    while (step === GO_ON) {
      if (this.oversizeLeft > 0 || this.oversizeWaits) step = this.passOversize();
      else if (this.carryLength > 0) step = this.readCarried();
      else step = this.readWhole();
    }
    this.isBlocked = step === REFUSED;
    return step === CHUNK_READ;
  }

  /** The messages that lie whole in the chunk. */
  private readWhole(): Step {
    const chunk = this.chunk;
    const end = chunk.length;
    const lengthMax = this.frameBytesMax + MESSAGE_HEADER_BYTES;
    let at = this.position;
    while (at + MESSAGE_HEADER_BYTES <= end) {
      // A length of 2^31 and more comes out negative and fails the test below.
      const length = ((chunk[at + 1]! << 24) | (chunk[at + 2]! << 16) | (chunk[at + 3]! << 8) | chunk[at + 4]!) + 1;
      const next = at + length;
      if (length < MESSAGE_HEADER_BYTES || length > lengthMax || next > end) return this.beginCarry(at, MESSAGE_HEADER_BYTES);
      if (chunk[at] !== Message.copyData) this.handler.message(chunk[at]!, chunk, at + MESSAGE_HEADER_BYTES, next);
      else if (!this.handler.copyData(chunk, at + MESSAGE_HEADER_BYTES, next)) {
        this.position = at;
        return REFUSED;
      }
      at = next;
    }
    return at === end ? CHUNK_READ : this.beginCarry(at, end - at);
  }

  /** Begins a message that cannot be read where it lies: copied, since the chunk is not ours to keep. */
  private beginCarry(at: number, bytes: number): Step {
    this.position = at;
    this.fillCarry(bytes);
    return GO_ON;
  }

  /** The message that began in an earlier chunk, or at the end of this one. */
  private readCarried(): Step {
    this.fillCarry(MESSAGE_HEADER_BYTES);
    if (this.carryLength < MESSAGE_HEADER_BYTES) return CHUNK_READ;
    const type = this.carry[0]!;
    const length = this.checkedLength(type);
    if (length - MESSAGE_HEADER_BYTES > this.frameBytesMax) return this.enterOversize(length);
    if (length > CARRY_BYTES_KEPT && !this.largeTurn.take()) return REFUSED;
    this.growCarry(length);
    this.fillCarry(length);
    if (this.carryLength < length) return CHUNK_READ;
    if (type !== Message.copyData) this.handler.message(type, this.carry, MESSAGE_HEADER_BYTES, length);
    else if (!this.handler.copyData(this.carry, MESSAGE_HEADER_BYTES, length)) return REFUSED;
    this.carryLength = 0;
    if (this.carry.length > CARRY_BYTES_KEPT) {
      this.carry = new Uint8Array(CARRY_BYTES_FIRST);
      this.largeTurn.end();
    }
    return GO_ON;
  }

  /** Length of the carried message with its type byte. */
  private checkedLength(type: number): number {
    const carry = this.carry;
    const length = ((carry[1]! << 24) | (carry[2]! << 16) | (carry[3]! << 8) | carry[4]!) + 1;
    const lengthMax = type === Message.copyData ? 0x8000_0000 : OTHER_BYTES_MAX;
    if (length >= MESSAGE_HEADER_BYTES && length <= lengthMax) return length;
    const message = `The server sent a message of type ${describeType(type)} with the length ${length - 1}.`;
    throw new MillraceError('STREAM_PROTOCOL', message, { type, length: length - 1 });
  }

  private enterOversize(length: number): Step {
    this.handler.beginOversize(length - MESSAGE_HEADER_BYTES);
    this.oversizeLeft = length - MESSAGE_HEADER_BYTES;
    this.carryLength = 0;
    return GO_ON;
  }

  private passOversize(): Step {
    const end = Math.min(this.position + this.oversizeLeft, this.chunk.length);
    if (end > this.position) this.handler.oversizePiece(this.chunk, this.position, end);
    this.oversizeLeft -= end - this.position;
    this.position = end;
    if (this.oversizeLeft > 0) return CHUNK_READ;
    this.oversizeWaits = !this.handler.endOversize();
    return this.oversizeWaits ? REFUSED : GO_ON;
  }

  /** Moves bytes from the chunk into the carry until that holds `wanted` or the chunk ends. */
  private fillCarry(wanted: number): void {
    const taken = Math.min(wanted - this.carryLength, this.chunk.length - this.position);
    if (taken <= 0) return;
    this.carry.set(this.chunk.subarray(this.position, this.position + taken), this.carryLength);
    this.carryLength += taken;
    this.position += taken;
  }

  private growCarry(wanted: number): void {
    if (wanted <= this.carry.length) return;
    const grown = new Uint8Array(Math.max(wanted, this.carry.length * 2));
    grown.set(this.carry.subarray(0, this.carryLength), 0);
    this.carry = grown;
  }
}

function describeType(type: number): string {
  return type > 0x20 && type < 0x7f ? `'${String.fromCharCode(type)}'` : `0x${type.toString(16)}`;
}
