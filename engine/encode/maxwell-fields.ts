import type { ByteView } from '../base/byte-view.ts';
import { Constant, CONSTANT_SLACK, jsonString, writeConstant } from '../change/json/constant.ts';
import { writeInteger } from '../change/json/number.ts';
import { writeUint64 } from '../change/json/uint64.ts';
import type { TableSchema } from '../change/table-schema.ts';
import { Row, RowFlag } from '../ring/layout.ts';
import type { MaxwellOptions } from './encoder.ts';
import type { MaxwellOrigin } from './maxwell-origin.ts';
import { namerOf } from './names.ts';
import { type PushClock, writeSeconds } from './push-clock.ts';
import type { ProgramWriter } from './row-program.ts';
import type { RowRecord } from './row-record.ts';

const QUOTE = 0x22;
const SLASH = 0x2f;
const COLON = 0x3a;
const ZERO = 0x30;
const HEX = new TextEncoder().encode('0123456789ABCDEF');
const COMMENT = Buffer.from(',"comment":');
/** Most bytes of the values: `xoffset`, `position` without a name of a log and with its quotes, `push_ts`. */
const VALUE_BYTES = 16 + 32 + 32;

/** Of a file's number; it has more where it needs them. */
const FILE_DIGITS = 6;
/** How far the number of the file is shifted in the high word of a row's place, and the part of the offset in it. */
const FILE_SHIFT = 8;
const OFFSET_MASK = 0xff;

/** The fields between `xid` and `primary_key` for one version of a table, as far as they are asked for. */
export class MaxwellFields {
  /** Most bytes that `write` writes, but for the origin's. */
  readonly lengthMax: number;
  private readonly options: MaxwellOptions;
  private readonly form: 'none' | 'lsn' | 'decimal' | 'file';
  private readonly origin: MaxwellOrigin;
  private readonly commit: Constant;
  private readonly xoffset: Constant;
  private readonly position: Constant;
  /** `server_id`, `thread_id`, `schema_id`, where they are the same in every row. */
  private readonly ids: Constant;
  private readonly pushTs: Constant;
  /** Of a bootstrap; empty without one. */
  private readonly comment: Constant;
  private readonly clock: PushClock;

  constructor(schema: TableSchema, options: MaxwellOptions, clock: PushClock, origin: MaxwellOrigin) {
    const nameOf = namerOf(options.naming);
    const field = (name: string, value: string) => Buffer.from(`,"${nameOf(name)}":${value}`);
    this.options = options;
    this.form = options.position !== 'none' && schema.logName !== null ? 'file' : options.position;
    this.origin = origin;
    this.clock = clock;
    this.commit = new Constant(field('commit', 'true'));
    this.xoffset = new Constant(field('xoffset', ''));
    const log = schema.logName === null ? Buffer.of() : Buffer.concat([jsonString(schema.logName).slice(1, -1), Buffer.from('.')]);
    this.position = new Constant(Buffer.concat([field('position', '"'), log]));
    this.pushTs = new Constant(field('push_ts', ''));
    this.ids = new Constant(
      Buffer.concat([
        typeof options.serverId === 'number' ? field('server_id', String(options.serverId)) : Buffer.of(),
        options.threadId === 'zero' ? field('thread_id', '0') : Buffer.of(),
        options.schemaId ? field('schema_id', String(schema.version)) : Buffer.of(),
      ]),
    );
    const comment = schema.bootstrap?.comment ?? null;
    // A naming strategy leaves this name alone.
    this.comment = new Constant(comment === null ? Buffer.of() : Buffer.concat([COMMENT, jsonString(comment)]));
    const constants = [this.commit, this.xoffset, this.position, this.pushTs, this.ids, this.comment];
    this.lengthMax = constants.reduce((sum, { length }) => sum + length, VALUE_BYTES + CONSTANT_SLACK);
  }

  write(row: RowRecord, output: ByteView, position: number): number {
    const { options } = this;
    const { words, word } = row;
    let p = position;
    if (options.commitInfo) {
      if ((row.flags & RowFlag.commit) !== 0) {
        p = writeConstant(this.commit, output, p);
      } else if (options.xoffset && (row.flags & RowFlag.snapshot) === 0) {
        p = writeConstant(this.xoffset, output, p);
        p = writeInteger(words[word + (Row.xoffset >> 2)]!, output, p);
      }
    }
    if (this.form !== 'none') p = this.writePosition(row, output, p);
    if (this.origin.isWanted && (row.flags & RowFlag.snapshot) === 0) p = this.origin.write(output, p);
    if (this.ids.length > 0) p = writeConstant(this.ids, output, p);
    if (options.pushTimestamp) {
      p = writeConstant(this.pushTs, output, p);
      p = writeSeconds(this.clock.micros(), output, p);
    }
    if (this.comment.length > 0) p = writeConstant(this.comment, output, p);
    return p;
  }

  /** The same for native code, whose rows of one run have one `push_ts`. */
  compile(program: ProgramWriter, isSnapshot: boolean): void {
    const { options } = this;
    const hasXoffset = options.xoffset && !isSnapshot;
    if (options.commitInfo) program.commit(this.commit.bytes, hasXoffset ? this.xoffset.bytes : new Uint8Array(0));
    if (this.form !== 'none') program.position(this.form, this.position.bytes);
    program.constant(this.ids.bytes);
    if (options.pushTimestamp) program.pushTime(this.pushTs.bytes);
    program.constant(this.comment.bytes);
  }

  /** The row's LSN, `16/B374D848`, or the same as one decimal number, or file and offset, `mysql-bin.000123:4567`; always a string. */
  private writePosition({ words, word }: RowRecord, output: ByteView, position: number): number {
    const high = words[word + (Row.lsnHigh >> 2)]!;
    const low = words[word + (Row.lsnLow >> 2)]!;
    // A row of a snapshot may have none.
    if ((high | low) === 0) return position;
    let p = writeConstant(this.position, output, position);
    if (this.form === 'decimal') {
      p = writeUint64(high, low, output, p);
    } else if (this.form === 'file') {
      p = writeFileNumber(high >>> FILE_SHIFT, output, p);
      output.bytes[p] = COLON;
      p = writeUint64(high & OFFSET_MASK, low, output, p + 1);
    } else {
      p = writeHex(high, output, p);
      output.bytes[p] = SLASH;
      p = writeHex(low, output, p + 1);
    }
    output.bytes[p] = QUOTE;
    return p + 1;
  }
}

/** With zeros in front up to FILE_DIGITS. */
function writeFileNumber(number: number, output: ByteView, position: number): number {
  let p = position;
  for (let limit = 10 ** (FILE_DIGITS - 1); number < limit && limit > 1; limit /= 10) output.bytes[p++] = ZERO;
  return writeInteger(number, output, p);
}

/** 32 bits in hexadecimal digits, without zeros in front. */
function writeHex(value: number, output: ByteView, position: number): number {
  let shift = 28;
  while (shift > 0 && value >>> shift === 0) shift -= 4;
  let p = position;
  for (; shift >= 0; shift -= 4) output.bytes[p++] = HEX[(value >>> shift) & 15]!;
  return p;
}
