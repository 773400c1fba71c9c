import { isUtf8 } from 'node:buffer';
import { ColumnState } from '../../change/operation.ts';

/**
 * Where the row image that begins at `start` ends, or -1 when it does not fit: other than `columns` columns, an unknown state,
 * a length that leads beyond `end`. Stages after this one rely on what was checked here. About 5 ns a column.
 */
export function rowImageEnd(bytes: Uint8Array, start: number, end: number, columns: number): number {
  if (start + 2 > end || ((bytes[start]! << 8) | bytes[start + 1]!) !== columns) return -1;
  let at = start + 2;
  for (let column = 0; column < columns; column++) {
    if (at >= end) return -1;
    const state = bytes[at]!;
    if (state === ColumnState.value) {
      if (at + 5 > end) return -1;
      const length = (bytes[at + 1]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!;
      if (length < 0) return -1;
      at += 5 + length;
    } else if (state === ColumnState.null || state === ColumnState.unchanged) {
      at += 1;
    } else {
      return -1;
    }
  }
  return at <= end ? at : -1;
}

/** Index of the first column whose value is not UTF-8, or -1. The image has been checked by `rowImageEnd`. */
export function columnNotUtf8(bytes: Uint8Array, start: number, columns: number): number {
  let at = start + 2;
  for (let column = 0; column < columns; column++) {
    if (bytes[at] !== ColumnState.value) {
      at += 1;
      continue;
    }
    const length = (bytes[at + 1]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!;
    if (!isUtf8(bytes.subarray(at + 5, at + 5 + length))) return column;
    at += 5 + length;
  }
  return -1;
}
