import { fourByteNumber, type CharsetSection } from './charset-table.ts';
import { NOT_TEXT, type CharsetDecoder } from './charset-decoder.ts';
import { putUtf8 } from './put-utf8.ts';

/** No code begins so. */
const NOTHING = -1;
/** The first half of a code of four bytes. */
const HALF = -2;
/** Less than these: how far a code has come, -2 - s for state s. State 0 is before a code. */

/** Decodes by a table. Codes of up to three bytes are found byte by byte, those of four, of which there are a million, by their runs. */
export class TableDecoder implements CharsetDecoder {
  /** At state * 256 + byte: a code point, or one of the negative numbers above. */
  readonly #next: Int32Array;
  readonly #four: CharsetSection;

  constructor(table: readonly CharsetSection[]) {
    this.#next = buildStates(table);
    this.#four = table[3]!;
  }

  decode(input: Uint8Array, start: number, end: number, output: Uint8Array, position: number): number {
    const next = this.#next;
    let p = position;
    let state = 0;
    for (let at = start; at < end; at++) {
      let found = next[(state << 8) | input[at]!]!;
      if (found === HALF && at + 2 < end) {
        found = this.#fourBytes(input, at - 1);
        at += 2;
      }
      if (found >= 0) {
        p = putUtf8(output, p, found);
        state = 0;
      } else if (found < HALF) {
        state = HALF - found;
      } else {
        return NOT_TEXT;
      }
    }
    return state === 0 ? p : NOT_TEXT;
  }

  #fourBytes(input: Uint8Array, at: number): number {
    const code = fourByteNumber(input[at]!, input[at + 1]!, input[at + 2]!, input[at + 3]!);
    const { codes, points, lengths } = this.#four;
    let low = 0;
    let high = codes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (codes[middle]! <= code) low = middle + 1;
      else high = middle;
    }
    const run = low - 1;
    return run >= 0 && code - codes[run]! < lengths[run]! ? points[run]! + code - codes[run]! : NOTHING;
  }
}

function buildStates(table: readonly CharsetSection[]): Int32Array {
  const states: Int32Array[] = [];
  const addState = (): number => states.push(new Int32Array(256).fill(NOTHING)) - 1;
  /** The state after the bytes of `prefix`, made when it is not there yet. */
  const stateAfter = (prefix: readonly number[]): number => {
    let state = 0;
    for (const byte of prefix) {
      const known = states[state]![byte]!;
      const after = known < HALF ? HALF - known : addState();
      states[state]![byte] = HALF - after;
      state = after;
    }
    return state;
  };
  addState();
  for (const [index, { codes, points, lengths }] of table.slice(0, 3).entries()) {
    for (const [run, first] of codes.entries()) {
      for (let code = first; code < first + lengths[run]!; code++) {
        const bytes = [code >> 16, (code >> 8) & 0xff, code & 0xff].slice(2 - index);
        states[stateAfter(bytes.slice(0, -1))]![bytes.at(-1)!] = points[run]! + code - first;
      }
    }
  }
  if (table[3]!.codes.length > 0) {
    for (let lead = 0x81; lead <= 0xfe; lead++) states[stateAfter([lead])]!.fill(HALF, 0x30, 0x3a);
  }
  const all = new Int32Array(256 * states.length);
  for (const [state, entries] of states.entries()) all.set(entries, 256 * state);
  return all;
}
