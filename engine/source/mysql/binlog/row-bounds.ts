import { ColumnType, OLD_TEMPORAL_BYTES } from './column-types.ts';
import { i32le, u16le, u24le } from './event-layout.ts';
import type { MappedColumn } from './table-map.ts';

const TIME_BYTES: Readonly<Record<number, number>> = {
  [ColumnType.timestamp2]: 4,
  [ColumnType.datetime2]: 5,
  [ColumnType.time2]: 3,
};
const FIXED_BYTES: Readonly<Record<number, number>> = {
  [ColumnType.null]: 0,
  [ColumnType.tiny]: 1,
  [ColumnType.year]: 1,
  [ColumnType.short]: 2,
  [ColumnType.int24]: 3,
  [ColumnType.date]: 3,
  [ColumnType.newDate]: 3,
  [ColumnType.long]: 4,
  [ColumnType.float]: 4,
  [ColumnType.longlong]: 8,
  [ColumnType.double]: 8,
};
/** Bytes that so many decimal digits take which fill no group of nine. */
const DIGIT_BYTES = [0, 1, 1, 2, 2, 3, 3, 4, 4];

/**
 * Bytes of a value: of a fixed length as they are; of any other -1 to -4, for the bytes of the length in front of it; null for a type whose
 * values cannot be told apart.
 */
export function valueBytes({ type, metadata }: Pick<MappedColumn, 'type' | 'metadata'>): number | null {
  const time = TIME_BYTES[type];
  if (time !== undefined) return metadata > 6 ? null : time + ((metadata + 1) >> 1);
  switch (type) {
    case ColumnType.time:
    case ColumnType.datetime:
    case ColumnType.timestamp:
      return OLD_TEMPORAL_BYTES[type][metadata] ?? null;
    case ColumnType.newDecimal:
      return decimalBytes(metadata >> 8, metadata & 0xff);
    case ColumnType.bit:
      return metadata > 64 ? null : (metadata + 7) >> 3;
    case ColumnType.enum:
      return metadata === 1 || metadata === 2 ? metadata : null;
    case ColumnType.set:
      return metadata >= 1 && metadata <= 8 ? metadata : null;
    case ColumnType.varchar:
    case ColumnType.varString:
    case ColumnType.varcharCompressed:
    case ColumnType.string:
      return metadata > 0xff ? -2 : -1;
    case ColumnType.tinyBlob:
    case ColumnType.mediumBlob:
    case ColumnType.longBlob:
    case ColumnType.blob:
    case ColumnType.blobCompressed:
    case ColumnType.json:
    case ColumnType.geometry:
    case ColumnType.vector:
      return metadata >= 1 && metadata <= 4 ? -metadata : null;
    default:
      return FIXED_BYTES[type] ?? null;
  }
}

function decimalBytes(precision: number, scale: number): number | null {
  if (precision > 65 || scale > precision) return null;
  const whole = precision - scale;
  return Math.floor(whole / 9) * 4 + DIGIT_BYTES[whole % 9]! + Math.floor(scale / 9) * 4 + DIGIT_BYTES[scale % 9]!;
}

/** Finds where the rows of one version of a table end in the events that hold them. Allocates nothing. */
export class RowBounds {
  private readonly bytesOf: Int8Array;
  private readonly nullBytes: number;
  /** Of the last byte of the null columns: the bits that stand for a column. */
  private readonly lastNulls: number;
  /** For rows without nulls: fixed bytes in front of each column of another length, at the end those behind the last. */
  private readonly fixedRuns: Int32Array;
  /** By such a column: bytes of its length. */
  private readonly lengthBytes: Uint8Array;

  /** @param bytesOf by column, of `valueBytes` */
  constructor(bytesOf: readonly number[]) {
    this.bytesOf = Int8Array.from(bytesOf);
    this.nullBytes = (bytesOf.length + 7) >> 3;
    this.lastNulls = 0xff >> (this.nullBytes * 8 - bytesOf.length);
    const runs = [0];
    const lengths: number[] = [];
    for (const bytes of bytesOf) {
      if (bytes >= 0) runs[lengths.length]! += bytes;
      else {
        lengths.push(-bytes);
        runs.push(0);
      }
    }
    this.fixedRuns = Int32Array.from(runs);
    this.lengthBytes = Uint8Array.from(lengths);
  }

  /** The end of the row that begins at `start`, all columns being there; -1 when it does not end at or before `limit`. */
  end(bytes: Uint8Array, start: number, limit: number): number {
    const { fixedRuns, lengthBytes } = this;
    let at = start + this.nullBytes;
    if (at > limit) return -1;
    let nulls = bytes[at - 1]! & this.lastNulls;
    for (let i = start; i < at - 1; i++) nulls |= bytes[i]!;
    if (nulls !== 0) return this.endWithNulls(bytes, start, limit);
    for (let v = 0; v < lengthBytes.length; v++) {
      const size = lengthBytes[v]!;
      at += fixedRuns[v]!;
      if (at + size > limit) return -1;
      at += size + lengthAt(bytes, at, size);
    }
    at += fixedRuns[lengthBytes.length]!;
    return at <= limit ? at : -1;
  }

  private endWithNulls(bytes: Uint8Array, start: number, limit: number): number {
    const { bytesOf } = this;
    let at = start + this.nullBytes;
    for (let column = 0; column < bytesOf.length; column++) {
      if ((bytes[start + (column >> 3)]! & (1 << (column & 7))) !== 0) continue;
      at = this.valueEnd(bytes, at, limit, column);
      if (at < 0) return -1;
    }
    return at <= limit ? at : -1;
  }

  /** As `end`, for rows of the columns alone whose bits are set in the bitmap `bitmaps[present, ..)`. */
  partialEnd(bytes: Uint8Array, start: number, limit: number, bitmaps: Uint8Array, present: number): number {
    const { bytesOf } = this;
    let count = 0;
    for (let column = 0; column < bytesOf.length; column++) count += (bitmaps[present + (column >> 3)]! >> (column & 7)) & 1;
    let at = start + ((count + 7) >> 3);
    if (at > limit) return -1;
    let index = 0;
    for (let column = 0; column < bytesOf.length; column++) {
      if (((bitmaps[present + (column >> 3)]! >> (column & 7)) & 1) === 0) continue;
      const isNull = (bytes[start + (index >> 3)]! & (1 << (index & 7))) !== 0;
      index += 1;
      if (isNull) continue;
      at = this.valueEnd(bytes, at, limit, column);
      if (at < 0) return -1;
    }
    return at <= limit ? at : -1;
  }

  private valueEnd(bytes: Uint8Array, at: number, limit: number, column: number): number {
    const size = this.bytesOf[column]!;
    if (size >= 0) return at + size;
    if (at - size > limit) return -1;
    return at - size + lengthAt(bytes, at, -size);
  }
}

function lengthAt(bytes: Uint8Array, at: number, size: number): number {
  switch (size) {
    case 1:
      return bytes[at]!;
    case 2:
      return u16le(bytes, at);
    case 3:
      return u24le(bytes, at);
    default:
      return i32le(bytes, at) >>> 0;
  }
}
