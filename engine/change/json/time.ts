import type { ByteView } from '../../base/byte-view.ts';
import { equals } from './equals.ts';
import { failValue } from './fail.ts';
import type { ValuePlan } from './plan.ts';
import { copyPlain, writeText } from './text.ts';

const QUOTE = 0x22;
const SPACE = 0x20;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const POINT = 0x2e;
const MINUS = 0x2d;
const INFINITY = new TextEncoder().encode('infinity');

/** `hh:mm:ss`: `closeTime` must not be asked about less. */
export const CLOCK_BYTES_MIN = 8;

/** Digits of a second's fraction in every message, whatever the column's precision, as `yyyy-MM-dd HH:mm:ss.SSSSSS` has. */
const FRACTION_DIGITS = 6;

/**
 * Writes a time of day or a date with time as a string, its fraction padded to 6 digits. A trailing ` BC` stays, `infinity` and
 * `-infinity` pass as they are, years have as many digits as they need.
 * @throws MillraceError VALUE_INVALID for anything else
 */
export function writeTime(plan: ValuePlan, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  if (isInfinity(input.bytes, start, end)) return writeText(plan, input, start, end, output, position);
  const clockEnd = endsInEra(input.bytes, start, end) ? end - 3 : end;
  return writeClock(plan, input, start, clockEnd, end, output, position);
}

/**
 * As `writeTime`, for a value with a zone: the session's TimeZone is UTC, so its offset is always `+00`, and is cut off.
 * @throws MillraceError VALUE_INVALID that shows the offset when it is another one
 */
export function writeTimestamptz(plan: ValuePlan, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  const bytes = input.bytes;
  if (isInfinity(bytes, start, end)) return writeText(plan, input, start, end, output, position);
  const zoneEnd = endsInEra(bytes, start, end) ? end - 3 : end;
  if (!endsInUtc(bytes, start, zoneEnd)) {
    failValue(plan, input, start, end, 'the offset +00, because the session has TimeZone=UTC');
  }
  return writeClock(plan, input, start, zoneEnd - 3, end, output, position);
}

/**
 * A timestamp by the plan's clock; `infinity` and `-infinity` pass as they are.
 * @throws MillraceError VALUE_INVALID for anything else
 */
export function writeByClock(plan: ValuePlan, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  if (isInfinity(input.bytes, start, end)) return writeText(plan, input, start, end, output, position);
  const clock = plan.clock!;
  const written = clock.write(input, start, end, output, position);
  const offset = clock.isInstant ? ' and the offset +00, because the session has TimeZone=UTC' : '';
  if (written < 0) failValue(plan, input, start, end, `a timestamp yyyy-mm-dd hh:mm:ss with at most 6 digits after the point${offset}`);
  return written;
}

/** Whether `bytes[start, end)` ends in the offset `+00`. */
export function endsInUtc(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start > 3 && bytes[end - 3] === 0x2b && bytes[end - 2] === ZERO && bytes[end - 1] === ZERO;
}

/**
 * Ends the string of a clock time that was copied up to `position`: pads the fraction and closes the quotes.
 * `bytes[.., end)` is the clock's text of at least CLOCK_BYTES_MIN bytes, whose seconds have two digits: the place of the colon or point
 * tells how many follow.
 * @returns the end, or -1 when it is no clock time
 */
export function closeTime(bytes: Uint8Array, end: number, output: ByteView, position: number): number {
  const last = bytes[end - 1]!;
  if (last < ZERO || last > NINE) return -1;
  if (bytes[end - 3] === COLON) {
    // .000 and 000", as they lie in memory.
    output.view.setInt32(position, 0x3030302e, true);
    output.view.setInt32(position + 4, 0x22303030, true);
    return position + 8;
  }
  let digits = FRACTION_DIGITS;
  while (digits > 0 && bytes[end - digits - 1] !== POINT) digits--;
  if (digits === 0) return -1;
  for (; digits < FRACTION_DIGITS; digits++) output.bytes[position++] = ZERO;
  output.bytes[position] = QUOTE;
  return position + 1;
}

/** `input[start, clockEnd)` padded, then ` BC` if that lies between the clock and `end`. */
function writeClock(
  plan: ValuePlan,
  input: ByteView,
  start: number,
  clockEnd: number,
  end: number,
  output: ByteView,
  position: number,
): number {
  output.bytes[position] = QUOTE;
  const copied = copyPlain(input, start, clockEnd, output, position + 1);
  const closed =
    copied === clockEnd && clockEnd - start >= CLOCK_BYTES_MIN
      ? closeTime(input.bytes, clockEnd, output, position + 1 + clockEnd - start)
      : -1;
  if (closed < 0)
    failValue(
      plan,
      input,
      start,
      end,
      'a time hh:mm:ss with at most 6 digits after the point, its date before it as DateStyle=ISO prints it',
    );
  return endsInEra(input.bytes, start, end) ? writeEra(output, closed) : closed;
}

/** Puts ` BC` before the closing quote. */
function writeEra(output: ByteView, closed: number): number {
  // ' BC"'
  output.view.setInt32(closed - 1, 0x22434220, true);
  return closed + 3;
}

function endsInEra(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start > 3 && bytes[end - 1] === 0x43 && bytes[end - 2] === 0x42 && bytes[end - 3] === SPACE;
}

function isInfinity(bytes: Uint8Array, start: number, end: number): boolean {
  return equals(bytes, start < end && bytes[start] === MINUS ? start + 1 : start, end, INFINITY);
}
