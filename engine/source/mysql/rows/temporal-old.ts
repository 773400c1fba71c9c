import type { ByteView } from '../../../base/byte-view.ts';
import { ColumnType, OLD_TEMPORAL_BYTES } from '../binlog/column-types.ts';
import { fixed, type ColumnDecoder, type ColumnName } from './column-decoder.ts';
import { readBigEndian } from './digits.ts';
import { DATETIME_ROOM, failTime, timestampWriter, TIME_ROOM } from './temporal.ts';
import { writeClock, writeDate, writeFraction } from './time-text.ts';

/*
 * The temporal types of before MySQL 5.6, which MariaDB still makes with `mysql56_temporal_format=OFF`: whole ones are decimal numbers in
 * binary, little-endian; those with a fraction, MariaDB's own, are counts of units of their last digit, big-endian.
 */
const MINUS = 0x2d;
const SPACE = 0x20;
/** A TIME with a fraction counts from -839:00:00. */
const TIME_ZERO_SECONDS = 839 * 3_600;

/** A column of TIME. */
export function timeColumn(name: ColumnName, digits: number): ColumnDecoder {
  const scale = 10 ** digits;
  return fixed(OLD_TEMPORAL_BYTES[ColumnType.time][digits]!, TIME_ROOM, (input, start, end, output, position) => {
    const to = output.bytes;
    if (digits === 0) {
      const number = (input.view.getInt8(start + 2) << 16) | input.view.getUint16(start, true);
      if (number < 0) to[position++] = MINUS;
      return writeHhmmss(name, Math.abs(number), input, start, end, output, position);
    }
    const units = readBigEndian(input.bytes, start, end) - TIME_ZERO_SECONDS * scale;
    const seconds = Math.floor(Math.abs(units) / scale);
    if (seconds >= TIME_ZERO_SECONDS) failTime(name, input, start, end);
    if (units < 0) to[position++] = MINUS;
    position = writeClock((seconds / 3_600) | 0, ((seconds / 60) | 0) % 60, seconds % 60, to, position);
    return writeFraction(Math.abs(units) - seconds * scale, digits, digits, to, position);
  });
}

/** A column of DATETIME. With a fraction, years have 13 months and months 32 days. */
export function datetimeColumn(name: ColumnName, digits: number): ColumnDecoder {
  const scale = 10n ** BigInt(digits);
  return fixed(OLD_TEMPORAL_BYTES[ColumnType.datetime][digits]!, DATETIME_ROOM, (input, start, end, output, position) => {
    const to = output.bytes;
    const packed = digits === 0 ? input.view.getBigUint64(start, true) : bigEndian(input, start, end);
    if (digits === 0) {
      const date = Number(packed / 1_000_000n);
      if (date > 99_991_299) failTime(name, input, start, end);
      position = writeDate(Math.floor(date / 10_000), Math.floor(date / 100) % 100, date % 100, to, position);
      to[position++] = SPACE;
      return writeHhmmss(name, Number(packed % 1_000_000n), input, start, end, output, position);
    }
    const seconds = Number(packed / scale);
    const days = Math.floor(seconds / 86_400);
    const months = days >> 5;
    if (months > 9_999 * 13 + 12) failTime(name, input, start, end);
    position = writeDate((months / 13) | 0, months % 13, days & 31, to, position);
    to[position++] = SPACE;
    const rest = seconds - days * 86_400;
    position = writeClock((rest / 3_600) | 0, ((rest / 60) | 0) % 60, rest % 60, to, position);
    return writeFraction(Number(packed % scale), digits, digits, to, position);
  });
}

/** A column of TIMESTAMP: seconds since 1970 UTC. */
export function timestampColumn(name: ColumnName, digits: number, zone: string): ColumnDecoder {
  const write = timestampWriter(zone);
  return fixed(OLD_TEMPORAL_BYTES[ColumnType.timestamp][digits]!, DATETIME_ROOM, (input, start, end, output, position) => {
    const seconds = input.view.getUint32(start, digits === 0);
    const fraction = readBigEndian(input.bytes, start + 4, end);
    if (fraction >= 10 ** digits) failTime(name, input, start, end);
    position = write(seconds, fraction, output.bytes, position);
    return writeFraction(fraction, digits, digits, output.bytes, position);
  });
}

function writeHhmmss(
  name: ColumnName,
  hhmmss: number,
  input: ByteView,
  start: number,
  end: number,
  output: ByteView,
  position: number,
): number {
  const minutes = Math.floor(hhmmss / 100) % 100;
  const seconds = hhmmss % 100;
  if (minutes > 59 || seconds > 59) failTime(name, input, start, end);
  return writeClock(Math.floor(hhmmss / 10_000), minutes, seconds, output.bytes, position);
}

function bigEndian(input: ByteView, start: number, end: number): bigint {
  let value = 0n;
  for (let at = start; at < end; at++) value = (value << 8n) | BigInt(input.bytes[at]!);
  return value;
}
