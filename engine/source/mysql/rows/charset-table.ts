import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

/** The tables lie beside the sources, compressed: `scripts/generate-charsets.ts` writes them. */
const FOLDER = join(import.meta.dirname, '../../../../../engine/source/mysql/rows/charsets');

/** Codes of as many bytes as there are sections, the first section for codes of one byte. */
export const LONGEST_CODE = 4;

/**
 * Characters of a set whose codes have the same number of bytes, in runs: `lengths[i]` codes from `codes[i]` on are the code points from
 * `points[i]` on. A code is a number, its first byte the highest; those of four bytes are numbered by `fourByteNumber`.
 */
export interface CharsetSection {
  readonly codes: Int32Array;
  readonly points: Int32Array;
  readonly lengths: Int32Array;
}

/**
 * Reads the table of a character set: little-endian integers, for each section the number of runs, the codes and the code points as
 * differences to the run before, and the lengths.
 */
export function readCharsetTable(charset: string): CharsetSection[] {
  const bytes = brotliDecompressSync(readFileSync(join(FOLDER, `${charset}.br`)));
  let at = 0;
  const next = (): number => bytes.readInt32LE(4 * at++);
  return Array.from({ length: LONGEST_CODE }, () => {
    const count = next();
    const [codes, points] = [readSums(count, next), readSums(count, next)];
    return { codes, points, lengths: Int32Array.from({ length: count }, next) };
  });
}

function readSums(count: number, next: () => number): Int32Array {
  let sum = 0;
  return Int32Array.from({ length: count }, () => (sum += next()));
}

/** Codes of four bytes counted as GB18030 does, whose second and fourth byte are digits; -1 for what is none. */
export function fourByteNumber(first: number, second: number, third: number, fourth: number): number {
  const isCode = isLead(first) && isDigit(second) && isLead(third) && isDigit(fourth);
  return isCode ? (((first - 0x81) * 10 + second - 0x30) * 126 + third - 0x81) * 10 + fourth - 0x30 : -1;
}

function isLead(byte: number): boolean {
  return byte >= 0x81 && byte <= 0xfe;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
