import type { ByteView } from '../../base/byte-view.ts';
import type { Civil } from './civil.ts';

/** The form of timestamps unless told otherwise. */
export const DEFAULT_PATTERN = 'yyyy-MM-dd HH:mm:ss.SSSSSS';
/** Most bytes that a pattern may write: with them a value still fits what is set aside for its text (`json/bound.ts`). */
const BYTES_MAX = 90;
const YEAR_DIGITS_MAX = 6;
const FRACTION_DIGITS = 6;
const ZERO = 0x30;

/** What a letter means and how often it may stand in a row. */
const LETTERS: Readonly<Record<string, { readonly field: Field; readonly most: number }>> = {
  y: { field: 'year', most: 19 },
  M: { field: 'month', most: 2 },
  d: { field: 'day', most: 2 },
  H: { field: 'hour', most: 2 },
  m: { field: 'minute', most: 2 },
  s: { field: 'second', most: 2 },
  S: { field: 'fraction', most: 9 },
};
type Field = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'fraction';
const FIELDS: readonly Field[] = ['year', 'month', 'day', 'hour', 'minute', 'second', 'fraction'];

type Part = { readonly field: Field; readonly width: number } | { readonly literal: string };

/**
 * The part of Java's DateTimeFormatter patterns that has no words: y M d H m s S, quoted text, and characters that are no letters.
 * A year has as many digits as it needs, and never a sign.
 */
export class Pattern {
  /** Most bytes that `write` writes. */
  readonly lengthMax: number;
  /** Three for each part: its field, or -1 for a literal; width, or the literal's start and end in `literals`. */
  private readonly program: Int32Array;
  private readonly literals: Uint8Array;

  /** @param parts from `parsePattern` */
  constructor(parts: readonly Part[]) {
    const literals: Uint8Array[] = [];
    let length = 0;
    const steps = parts.map((part) => {
      if ('field' in part) return [FIELDS.indexOf(part.field), part.width, 0];
      // As in a JSON string.
      const bytes = Buffer.from(JSON.stringify(part.literal).slice(1, -1));
      literals.push(bytes);
      length += bytes.length;
      return [-1, length - bytes.length, length];
    });
    this.program = Int32Array.from(steps.flat());
    this.literals = Buffer.concat(literals);
    this.lengthMax = lengthOf(parts);
  }

  write(civil: Civil, output: ByteView, position: number): number {
    const { program, literals } = this;
    const to = output.bytes;
    let p = position;
    for (let i = 0; i < program.length; i += 3) {
      const width = program[i + 1]!;
      switch (program[i]) {
        case -1:
          for (let at = width; at < program[i + 2]!; at++) to[p++] = literals[at]!;
          break;
        case 0: {
          // The year of its era: 1 BC is 0.
          const year = civil.year > 0 ? civil.year : 1 - civil.year;
          p = width === 2 ? writePadded(year % 100, 2, to, p) : writePadded(year, width, to, p);
          break;
        }
        case 1:
          p = writePadded(civil.month, width, to, p);
          break;
        case 2:
          p = writePadded(civil.day, width, to, p);
          break;
        case 3:
          p = writePadded(civil.hour, width, to, p);
          break;
        case 4:
          p = writePadded(civil.minute, width, to, p);
          break;
        case 5:
          p = writePadded(civil.second, width, to, p);
          break;
        default:
          p = writeFraction(civil.micros, width, to, p);
      }
    }
    return p;
  }
}

/** The parts of a pattern; a text that says what is wrong with it. */
export function parsePattern(pattern: string): readonly Part[] | string {
  const parts: Part[] = [];
  for (const [token] of pattern.matchAll(/([a-zA-Z])\1*|'(?:[^']|'')*'?|[^a-zA-Z']+/g)) {
    const letter = token[0]!;
    if (letter === "'") {
      if (token.length < 2 || !token.endsWith("'")) return 'a quote is not closed';
      parts.push({ literal: token === "''" ? "'" : token.slice(1, -1).replaceAll("''", "'") });
    } else if (/[a-zA-Z]/.test(letter)) {
      const known = LETTERS[letter];
      if (known === undefined) return `the letter ${letter} is not among y, M, d, H, m, s, S; text goes between quotes`;
      if (token.length > known.most) return `${token} has more than ${known.most} letters`;
      parts.push({ field: known.field, width: token.length });
    } else {
      const reserved = /[[\]{}#]/.exec(token);
      if (reserved !== null) return `the character ${reserved[0]} must stand between quotes`;
      parts.push({ literal: token });
    }
  }
  if (parts.length === 0) return 'it is empty';
  return lengthOf(parts) > BYTES_MAX ? `it would write more than ${BYTES_MAX} bytes` : parts;
}

function lengthOf(parts: readonly Part[]): number {
  const lengths = parts.map((part) => {
    if ('literal' in part) return Buffer.byteLength(JSON.stringify(part.literal)) - 2;
    return part.field === 'year' ? Math.max(part.width, YEAR_DIGITS_MAX) : part.width;
  });
  return lengths.reduce((sum, length) => sum + length, 0);
}

/** Writes a number of 0 or more with at least so many digits, and returns the end. */
export function writePadded(value: number, width: number, to: Uint8Array, position: number): number {
  let digits = width;
  for (let power = 10 ** width; power <= value; power *= 10) digits++;
  let rest = value;
  for (let at = position + digits - 1; at >= position; at--) {
    const quotient = Math.floor(rest / 10);
    to[at] = ZERO + (rest - quotient * 10);
    rest = quotient;
  }
  return position + digits;
}

/** The first so many digits of the fraction, as Java cuts it. */
function writeFraction(micros: number, width: number, to: Uint8Array, position: number): number {
  writePadded(micros, FRACTION_DIGITS, to, position);
  for (let digit = FRACTION_DIGITS; digit < width; digit++) to[position + digit] = ZERO;
  return position + width;
}
