import { fixed, type ColumnDecoder } from './column-decoder.ts';
import { writeAscii } from './digits.ts';

/** `-2.2250738585072014E-308` */
const FLOAT_ROOM = 24;
/** From here on Java writes an exponent, and below its inverse; as powers of ten. */
const PLAIN_EXPONENT_MIN = -3;
const PLAIN_EXPONENT_MAX = 6;
/** Digits that tell every float from its neighbours. */
const FLOAT32_DIGITS_MAX = 9;

export const FLOAT_COLUMN: ColumnDecoder = fixed(4, FLOAT_ROOM, (input, start, _end, output, position) =>
  writeAscii(float32Text(input.view.getFloat32(start, true)), output.bytes, position),
);

export const DOUBLE_COLUMN: ColumnDecoder = fixed(8, FLOAT_ROOM, (input, start, _end, output, position) =>
  writeAscii(float64Text(input.view.getFloat64(start, true)), output.bytes, position),
);

/** A double as Java writes it from version 19 on: the shortest digits that give it back, `1.0`, `1.0E7`. */
export function float64Text(value: number): string {
  if (!Number.isFinite(value) || value === 0) return wordOf(value);
  const shortest = value.toExponential();
  // Of one digit Java takes two where these are nearer: 4.9E-324.
  const two = value.toExponential(1);
  return layOut(isOneDigit(shortest) && Number(two) === value ? two : shortest);
}

/** The same for a float: the digits that give it back as a float. */
export function float32Text(value: number): string {
  if (!Number.isFinite(value) || value === 0) return wordOf(value);
  for (let digits = 2; digits < FLOAT32_DIGITS_MAX; digits++) {
    const text = nearestDecimal(value, digits);
    if (Math.fround(Number(text)) === value) return layOut(text);
    const next = isPowerOfTwo(value) ? nextDecimal(text) : text;
    if (Math.fround(Number(next)) === value) return layOut(next);
  }
  return layOut(value.toExponential(FLOAT32_DIGITS_MAX - 1));
}

/** Of two decimals of so many digits that are as near, the one that ends evenly; JavaScript takes the larger. */
function nearestDecimal(value: number, digits: number): string {
  const [longer, exponent] = value.toExponential(digits).split('e') as [string, string];
  const shorter = longer.slice(0, -1);
  const isBetween = longer.endsWith('5') && Number(`${longer}e${exponent}`) === value;
  return isBetween && /[02468]$/.test(shorter) ? `${shorter}e${exponent}` : value.toExponential(digits - 1);
}

/**
 * Its lower neighbour is nearer than its upper one: the nearest decimal of some length may be that neighbour's, and the next decimal still
 * its own.
 */
function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(Math.abs(value)));
}

/** The decimal of as many digits that is next, away from zero. */
function nextDecimal(text: string): string {
  const [digits, exponent] = text.split('e') as [string, string];
  const places = digits.length - digits.indexOf('.') - 1;
  const unit = Number(`${digits.startsWith('-') ? '-' : ''}1e${Number(exponent) - places}`);
  return (Number(text) + unit).toExponential(places);
}

function isOneDigit(exponential: string): boolean {
  return !exponential.includes('.');
}

/** `-1.25e-7` in Java's layout. */
function layOut(exponential: string): string {
  const [mantissa, power] = exponential.split('e') as [string, string];
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '').replace(/(?<=.)0+$/, '');
  const exponent = Number(power);
  if (exponent < PLAIN_EXPONENT_MIN || exponent > PLAIN_EXPONENT_MAX) return `${sign}${digits[0]}.${digits.slice(1) || '0'}E${exponent}`;
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.padEnd(exponent + 1, '0');
  return `${sign}${whole.slice(0, exponent + 1)}.${whole.slice(exponent + 1) || '0'}`;
}

function wordOf(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  return String(value);
}
