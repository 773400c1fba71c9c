import { MillraceError } from '../../../base/errors.ts';
import { u16le, u32le, u48le } from './event-layout.ts';

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads the fields of an event's body one after the other, each bound checked. For events that come seldom, or have few fields. */
export class Fields {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;
  private readonly what: string;

  /** @param what names the event in errors */
  constructor(bytes: Uint8Array, start: number, end: number, what: string) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.what = what;
  }

  get left(): number {
    return this.end - this.at;
  }

  u8(): number {
    return this.bytes[this.skip(1)]!;
  }

  u16(): number {
    return u16le(this.bytes, this.skip(2));
  }

  u32(): number {
    return u32le(this.bytes, this.skip(4));
  }

  u48(): number {
    return u48le(this.bytes, this.skip(6));
  }

  u64(): bigint {
    const low = this.u32();
    return (BigInt(this.u32()) << 32n) | BigInt(low);
  }

  /** A number of 1, 3, 4 or 9 bytes, as the protocol has lengths. */
  lenenc(): number {
    const first = this.u8();
    if (first < 0xfb) return first;
    if (first === 0xfc) return this.u16();
    if (first === 0xfd) return this.u16() + this.u8() * 0x1_0000;
    const value = first === 0xfe ? Number(this.u64()) : Number.NaN;
    if (!Number.isSafeInteger(value)) this.fail('a length that is none');
    return value;
  }

  /** Passes over so many bytes, and returns where they begin. */
  skip(length: number): number {
    const start = this.at;
    if (length > this.end - start) this.fail('cut short');
    this.at = start + length;
    return start;
  }

  slice(length: number): Uint8Array {
    const start = this.skip(length);
    return this.bytes.subarray(start, start + length);
  }

  text(length: number): string {
    return UTF8.decode(this.slice(length));
  }

  fail(why: string): never {
    throw new MillraceError('BINLOG_EVENT_INVALID', `The server sent ${this.what} that is malformed: ${why}.`, { event: this.what });
  }
}
