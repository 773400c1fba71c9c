import { positionText, type Position } from '../../engine/change/position.ts';

/** The LSN of a position of PostgreSQL with one connection; undefined where there is no position. */
export function lsnOf(position: Position | null | undefined): string | undefined {
  return position === null || position === undefined ? undefined : positionText(position);
}
