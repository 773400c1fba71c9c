import { MillraceError } from '../../base/errors.ts';
import type { Position } from '../../change/position.ts';
import type { LogPosition } from './trail.ts';

const CONNECTION = 'binlog';

/** As epochs and stores have it. */
export function positionOf(position: LogPosition): Position {
  return { kind: 'binlog', parts: [{ connection: CONNECTION, ...position }] };
}

/** @throws MillraceError `POSITION_INVALID` */
export function logPositionIn(position: Position): LogPosition {
  const [part] = position.parts;
  if (position.kind !== 'binlog' || part === undefined) {
    throw new MillraceError('POSITION_INVALID', `A position of kind ${position.kind} is none of MariaDB or MySQL.`);
  }
  const { flavor, gtid, file, offset } = position.parts[0]!;
  return { flavor, gtid, file, offset };
}

/** As operators read it. */
export function positionText({ gtid, file, offset }: LogPosition): string {
  const place = file === '' ? '' : `${file}:${offset}`;
  return [gtid, place].filter((text) => text !== '').join(' ');
}
