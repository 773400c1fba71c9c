import { MillraceError } from '../../base/errors.ts';
import type { BinlogPosition, Position } from '../../change/position.ts';
import type { LogPosition } from './trail.ts';

const CONNECTION = 'binlog';

/** As epochs and stores have it. */
export function positionOf(position: LogPosition): BinlogPosition {
  return { kind: 'binlog', parts: [{ connection: CONNECTION, ...position }] };
}

/** @throws MillraceError `POSITION_INVALID` */
export function logPositionIn(position: Position): LogPosition {
  const part = position.kind === 'binlog' ? position.parts[0] : undefined;
  if (part === undefined)
    throw new MillraceError('POSITION_INVALID', `A position of the kind ${position.kind} is none of MariaDB or MySQL.`);
  const { flavor, gtid, file, offset } = part;
  return { flavor, gtid, file, offset };
}
