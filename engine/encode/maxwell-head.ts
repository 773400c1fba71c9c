import { ByteView } from '../base/byte-view.ts';
import { CONSTANT_SLACK, jsonString, toWords } from '../change/json/constant.ts';
import { writeInteger } from '../change/json/number.ts';
import { writeInt64 } from '../change/json/uint64.ts';
import { Row } from '../ring/layout.ts';
import type { ProgramWriter } from './row-program.ts';

const MICROS_PER_SECOND = 1_000_000;
const XID = new TextEncoder().encode(',"xid":');
/** Room for `ts`, the name of `xid` and `xid`. */
const VARIABLE_BYTES = 56;

/**
 * The first fields of a message, `{"database":...,"table":...,"type":...,"ts":...,"xid":...`, for one table and kind of change. Rows of one
 * transaction share them, so they are made when a transaction's first row comes and copied for the others.
 */
export class MaxwellHead {
  /** Most bytes that `write` writes. */
  readonly lengthMax: number;
  private readonly words: Float64Array;
  private readonly made: ByteView;
  /** Bytes up to the digits of `ts`. */
  private readonly fixed: number;
  private readonly hasXid: boolean;
  private length = 0;
  private xidHigh = 0;
  private xidLow = 0;
  private microsLow = 0;
  private microsHigh = 0;

  /** @param hasXid false for rows that belong to no transaction */
  constructor(database: string, table: string, type: string, hasXid = true) {
    this.hasXid = hasXid;
    const parts = ['{"database":', jsonString(database), ',"table":', jsonString(table), `,"type":"${type}","ts":`];
    const fixed = Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array)));
    this.fixed = fixed.length;
    this.words = toWords(Buffer.concat([fixed, Buffer.alloc(VARIABLE_BYTES)]));
    this.made = new ByteView(new Uint8Array(this.words.buffer));
    this.lengthMax = this.words.length * 8 + CONSTANT_SLACK;
    this.make();
  }

  /** Writes the fields for the row record at word `record` of `words`. */
  write(words: Int32Array, record: number, output: ByteView, position: number): number {
    const xidLow = words[record + (Row.xid >> 2)]!;
    const xidHigh = words[record + (Row.xidHigh >> 2)]!;
    const low = words[record + (Row.commitMicrosLow >> 2)]!;
    const high = words[record + (Row.commitMicrosHigh >> 2)]!;
    if (xidLow !== this.xidLow || xidHigh !== this.xidHigh || low !== this.microsLow || high !== this.microsHigh) {
      this.xidHigh = xidHigh;
      this.xidLow = xidLow;
      this.microsLow = low;
      this.microsHigh = high;
      this.make();
    }
    const view = output.view;
    const end = position + this.length;
    for (let word = 0, at = position; at < end; word++, at += 8) view.setFloat64(at, this.words[word]!, true);
    return end;
  }

  /** The same for native code. */
  compile(program: ProgramWriter): void {
    program.constant(this.made.bytes.slice(0, this.fixed)).seconds();
    if (this.hasXid) program.constant(XID).xid();
  }

  /** `ts` in whole seconds, rounded down; `xid` with its sign. */
  private make(): void {
    const micros = this.microsHigh * 0x1_0000_0000 + (this.microsLow >>> 0);
    this.length = writeInteger(Math.floor(micros / MICROS_PER_SECOND), this.made, this.fixed);
    if (!this.hasXid) return;
    this.made.bytes.set(XID, this.length);
    this.length = writeInt64(this.xidHigh, this.xidLow, this.made, this.length + XID.length);
  }
}
