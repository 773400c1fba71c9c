import type { ByteView } from '../base/byte-view.ts';
import { writeInteger } from '../change/json/number.ts';

const MICROS_PER_SECOND = 1_000_000;
const FRACTION_DIGITS = 6;
/** Below so many microseconds Java prints a fraction with an exponent, which leaves a zero behind a single digit. */
const EXPONENT_BELOW = 1_000;
const ZERO = 0x30;
const POINT = 0x2e;
/** How far the fine clock may stand from the wall clock before it is set anew. */
const DRIFT_MS_MAX = 2;

/** The time of day in microseconds: the monotonic clock has them, the wall clock is right. */
export class PushClock {
  private readonly wallMs: () => number;
  private readonly fineMs: () => number;
  /** What to add to the fine clock. */
  private originMs: number;

  /** @param wallMs milliseconds since 1970 @param fineMs milliseconds with their fraction, from any moment on */
  constructor(wallMs: () => number = Date.now, fineMs: () => number = () => performance.now()) {
    this.wallMs = wallMs;
    this.fineMs = fineMs;
    this.originMs = wallMs() - fineMs();
  }

  /** Microseconds since 1970. */
  micros(): number {
    const wall = this.wallMs();
    const fine = this.fineMs();
    if (Math.abs(this.originMs + fine - wall) > DRIFT_MS_MAX) this.originMs = wall - fine;
    return Math.floor((this.originMs + fine) * 1000);
  }
}

/**
 * Writes microseconds as Maxwell writes `push_ts`: seconds with their fraction, zeros at its end left out, but at least one digit:
 * `1757417323.4846`, `1757417323.0`; `.00010`, `.000010` and `.0000010` for one digit before which three or more zeros stand.
 */
export function writeSeconds(micros: number, output: ByteView, position: number): number {
  const seconds = Math.floor(micros / MICROS_PER_SECOND);
  const fraction = micros - seconds * MICROS_PER_SECOND;
  const to = output.bytes;
  let p = writeInteger(seconds, output, position);
  to[p++] = POINT;
  if (fraction === 0) {
    to[p] = ZERO;
    return p + 1;
  }
  let rest = fraction;
  for (let digit = FRACTION_DIGITS - 1; digit >= 0; digit--) {
    const quotient = Math.floor(rest / 10);
    to[p + digit] = ZERO + (rest - quotient * 10);
    rest = quotient;
  }
  let end = p + FRACTION_DIGITS;
  let unit = 1;
  for (; to[end - 1] === ZERO; end--) unit *= 10;
  if (fraction >= EXPONENT_BELOW || fraction >= 10 * unit) return end;
  to[end] = ZERO;
  return end + 1;
}
