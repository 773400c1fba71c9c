import { MillraceError } from '../base/errors.ts';
import type { RefusedRow, RowSink } from '../change/row-sink.ts';

/**
 * Gives a sink a row that it cannot take, or that cannot be given, as it is: for the dead-letter topic.
 * @param row null of a row that cannot be told at all
 * @returns false as `RowSink.row` does
 * @throws the error itself where it ends the stream
 */
export function refuseRow(sink: RowSink, error: unknown, row: Omit<RefusedRow, 'error'> | null): boolean {
  if (row === null || !sink.takesRefused || !(error instanceof MillraceError)) throw error;
  return sink.refused({ ...row, error });
}
