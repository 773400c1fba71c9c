import type { ByteView } from '../../../base/byte-view.ts';
import { ColumnType } from '../binlog/column-types.ts';
import { failValue, prefixed, type ColumnDecoder, type ColumnName } from './column-decoder.ts';
import { decimalBytes, PRECISION_MAX, writeDecimal } from './decimal.ts';
import {
  appendBase64,
  appendDate,
  appendDatetime,
  appendDouble,
  appendInteger,
  appendInteger64,
  appendString,
  appendTime,
} from './json-text.ts';
import { TextScratch } from './text-scratch.ts';

/** Types of values in MySQL's binary JSON. */
const SMALL_OBJECT = 0;
const LARGE_OBJECT = 1;
const SMALL_ARRAY = 2;
const LARGE_ARRAY = 3;
const LITERAL = 4;
const INT16 = 5;
const UINT16 = 6;
const INT32 = 7;
const UINT32 = 8;
const INT64 = 9;
const UINT64 = 10;
const DOUBLE = 11;
const STRING = 12;
const OPAQUE = 15;

const LITERALS = ['null', 'true', 'false'];
/** The servers' own limit. */
const DEPTH_MAX = 100;
/** Bytes of the longest length in front of a string: seven bits each. */
const LENGTH_BYTES_MAX = 5;

const scratch = new TextScratch();

/** A column of MySQL's binary JSON, as text without spaces; an empty value is `null`. */
export function jsonColumn(name: ColumnName, prefix: number): ColumnDecoder {
  const reader = new JsonReader(name);
  return prefixed(prefix, 0, (input, start, end, output, position) => {
    scratch.clear();
    if (start === end) scratch.ascii(LITERALS[0]!);
    else reader.read(input, start, end);
    return scratch.copyTo(output, position);
  });
}

/** Reads one document after the other into `scratch`. */
class JsonReader {
  private readonly name: ColumnName;
  private input!: ByteView;
  private start = 0;
  private end = 0;
  /** Bytes that values may still take: offsets of a hostile document could lead to the same bytes again and again. */
  private budget = 0;

  constructor(name: ColumnName) {
    this.name = name;
  }

  read(input: ByteView, start: number, end: number): void {
    this.input = input;
    this.start = start;
    this.end = end;
    this.budget = end - start;
    this.value(input.bytes[start]!, start + 1, end, 0);
  }

  /** The value of a type at `at`, of a container that ends at `end`. */
  private value(type: number, at: number, end: number, depth: number): void {
    this.spend(1);
    const { view } = this.input;
    switch (type) {
      case SMALL_OBJECT:
      case LARGE_OBJECT:
        return this.container(true, type === LARGE_OBJECT, at, end, depth);
      case SMALL_ARRAY:
      case LARGE_ARRAY:
        return this.container(false, type === LARGE_ARRAY, at, end, depth);
      case LITERAL:
        return this.literal(this.need(at, 1, end));
      case INT16:
        return appendInteger(scratch, view.getInt16(this.need(at, 2, end), true));
      case UINT16:
        return appendInteger(scratch, view.getUint16(this.need(at, 2, end), true));
      case INT32:
        return appendInteger(scratch, view.getInt32(this.need(at, 4, end), true));
      case UINT32:
        return appendInteger(scratch, view.getUint32(this.need(at, 4, end), true));
      case INT64:
      case UINT64:
        this.need(at, 8, end);
        return appendInteger64(scratch, view.getInt32(at + 4, true), view.getInt32(at, true), type === UINT64);
      case DOUBLE:
        return this.double(this.need(at, 8, end));
      case STRING:
        return this.string(at, end);
      case OPAQUE:
        return this.opaque(at, end);
      default:
        return this.fail();
    }
  }

  /**
   * An object or array: its count and bytes; for each key of an object its offset and length; for each value its type and itself, when it
   * is short enough, else its offset. Offsets count from the container's own start and, like counts, have 2 bytes or, in large ones, 4.
   */
  private container(isObject: boolean, isLarge: boolean, start: number, limit: number, depth: number): void {
    const width = isLarge ? 4 : 2;
    this.need(start, 2 * width, limit);
    if (depth > DEPTH_MAX) this.fail();
    const count = this.offset(start, isLarge);
    const bytes = this.offset(start + width, isLarge);
    const end = start + bytes;
    const keys = start + 2 * width;
    const values = keys + (isObject ? count * (width + 2) : 0);
    if (end > limit || values + count * (width + 1) > end) this.fail();
    scratch.ascii(isObject ? '{' : '[');
    for (let i = 0; i < count; i++) {
      if (i > 0) scratch.ascii(',');
      if (isObject) this.key(keys + i * (width + 2), start, end, isLarge);
      const entry = values + i * (width + 1);
      const type = this.input.bytes[entry]!;
      const at = isInlined(type, isLarge) ? entry + 1 : start + this.offset(entry + 1, isLarge);
      this.value(type, at, end, depth + 1);
    }
    scratch.ascii(isObject ? '}' : ']');
  }

  private key(entry: number, start: number, end: number, isLarge: boolean): void {
    const at = start + this.offset(entry, isLarge);
    const length = this.input.view.getUint16(entry + (isLarge ? 4 : 2), true);
    this.append(at, length, end);
    scratch.ascii(':');
  }

  private offset(at: number, isLarge: boolean): number {
    return isLarge ? this.input.view.getUint32(at, true) : this.input.view.getUint16(at, true);
  }

  private literal(at: number): void {
    scratch.ascii(LITERALS[this.input.bytes[at]!] ?? this.fail());
  }

  private double(at: number): void {
    const value = this.input.view.getFloat64(at, true);
    if (!Number.isFinite(value)) this.fail();
    this.spend(8);
    appendDouble(scratch, value);
  }

  private string(at: number, end: number): void {
    const length = this.length(at, end);
    this.append(at + length.bytes, length.value, end);
  }

  private append(at: number, length: number, end: number): void {
    this.need(at, length, end);
    this.spend(length);
    appendString(scratch, this.input, at, at + length);
  }

  /** A value of a column type that JSON has none for. */
  private opaque(at: number, end: number): void {
    const type = this.input.bytes[this.need(at, 1, end)]!;
    const { value: length, bytes } = this.length(at + 1, end);
    const data = this.need(at + 1 + bytes, length, end);
    this.spend(length);
    switch (type) {
      case ColumnType.decimal:
      case ColumnType.newDecimal:
        return this.decimal(data, data + length);
      case ColumnType.date:
        return appendDate(scratch, this.packed(data, length));
      case ColumnType.time:
      case ColumnType.time2:
        return appendTime(scratch, this.packed(data, length));
      case ColumnType.datetime:
      case ColumnType.datetime2:
      case ColumnType.timestamp:
      case ColumnType.timestamp2:
        return appendDatetime(scratch, this.packed(data, length));
      default:
        return appendBase64(scratch, this.input, data, data + length);
    }
  }

  /** Its precision, its scale, and its groups. */
  private decimal(start: number, end: number): void {
    const precision = end - start > 2 ? this.input.bytes[start]! : 0;
    const scale = this.input.bytes[start + 1]!;
    if (precision === 0 || precision > PRECISION_MAX || scale > precision) this.fail();
    if (end - start !== 2 + decimalBytes(precision, scale)) this.fail();
    const output = scratch.reserve(PRECISION_MAX + 3);
    scratch.advance(writeDecimal(this.name, precision, scale, this.input, start + 2, end, output, scratch.position));
  }

  private packed(at: number, length: number): bigint {
    return length === 8 ? this.input.view.getBigInt64(at, true) : this.fail();
  }

  private length(at: number, end: number): { readonly value: number; readonly bytes: number } {
    let value = 0;
    for (let i = 0; i < LENGTH_BYTES_MAX; i++) {
      const byte = this.input.bytes[this.need(at + i, 1, end)]!;
      value += (byte & 0x7f) * 128 ** i;
      if (byte < 0x80) return { value, bytes: i + 1 };
    }
    return this.fail();
  }

  /** `at`, when so many bytes from there on lie in front of `end`. */
  private need(at: number, bytes: number, end: number): number {
    return bytes <= end - at ? at : this.fail();
  }

  private spend(bytes: number): void {
    this.budget -= bytes;
    if (this.budget < 0) this.fail();
  }

  private fail(): never {
    return failValue(this.name, this.input, this.start, this.end, "a document in MySQL's binary JSON");
  }
}

/** Whether a value stands in its entry, in place of an offset. */
function isInlined(type: number, isLarge: boolean): boolean {
  return type === LITERAL || type === INT16 || type === UINT16 || (isLarge && (type === INT32 || type === UINT32));
}
