import type { Operation } from '../../../engine/change/operation.ts';

/** What a consumer has got, in order. */
export interface Message {
  readonly operation: Operation;
  readonly key: number;
  readonly oldKey: number | null;
  readonly v: number;
  /** Null: not told. */
  readonly big: number | null;
  readonly isRead: boolean;
}

export const NOTHING = Buffer.alloc(0);
/** In place of a value. */
export const UNCHANGED = -1;
const [NULL_STATE, UNCHANGED_STATE, VALUE_STATE] = [0x6e, 0x75, 0x74];

/** A row image of numbers. */
export function image(values: readonly (number | null)[]): Buffer {
  const parts = [Buffer.from([0, values.length])];
  for (const value of values) {
    if (value === null || value === UNCHANGED) {
      parts.push(Buffer.from([value === null ? NULL_STATE : UNCHANGED_STATE]));
      continue;
    }
    const text = Buffer.from(String(value));
    parts.push(Buffer.from([VALUE_STATE, 0, 0, 0, text.length]), text);
  }
  return Buffer.concat(parts);
}

/** The values of the images that follow one another; null for what is no value. */
function valuesOf(bytes: Buffer): (number | null)[][] {
  const images: (number | null)[][] = [];
  for (let at = 0; at < bytes.length;) {
    const values: (number | null)[] = [];
    const count = bytes.readUInt16BE(at);
    at += 2;
    for (let column = 0; column < count; column++) {
      if (bytes[at] !== VALUE_STATE) {
        values.push(null);
        at += 1;
        continue;
      }
      const length = bytes.readInt32BE(at + 1);
      values.push(Number(bytes.toString('latin1', at + 5, at + 5 + length)));
      at += 5 + length;
    }
    images.push(values);
  }
  return images;
}

/** What a message of `id`, `v` and `big` says. */
export function messageOf(operation: number, text: string, isRead: boolean): Message {
  const images = valuesOf(Buffer.from(text, 'latin1'));
  const row = images.at(-1)!;
  const old = images.length > 1 ? images[0]![0]! : null;
  return { operation: operation as Operation, key: row[0]!, oldKey: old, v: row[1] ?? 0, big: row[2] ?? null, isRead };
}
