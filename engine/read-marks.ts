import { setTimeout as delay } from 'node:timers/promises';
import type { RowSink } from './change/row-sink.ts';
import { Mark, type MarkSink, type SnapshotSink } from './change/snapshot.ts';
import type { ReadMark } from './change/table-read.ts';
import { splitSlots } from './checkpoint/epoch-slots.ts';
import { UnitTracker } from './checkpoint/units.ts';
import type { EncoderPool } from './encode/pool.ts';
import type { Sink } from './produce/sink.ts';
import { rowUnitsOf } from './snapshot-wiring.ts';
import type { TableReadSource } from './source/source.ts';
import type { CurrentUnits } from './table-read-wiring.ts';

/** How often it is looked for room, and whether a mark is delivered. */
const LOOK_MS = 10;

export interface MarkWiring {
  readonly sink: Sink;
  readonly encoders: EncoderPool;
  readonly current: CurrentUnits;
}

/** Where the rows and marks of a read go. */
export type ReadSink = RowSink & SnapshotSink & { readonly marks: MarkSink };

/** A mark of a read, for its table, or for each of the partitions that go out under their own names. */
export interface MarkOrder {
  readonly mark: ReadMark;
  readonly source: Pick<TableReadSource, 'schemas' | 'micros'>;
  readonly isLeft: () => boolean;
}

/**
 * Sends a mark: a unit of its own, so that it is known when it is delivered. The caller gives no row meanwhile.
 * @returns false when `isLeft` said first that it is no longer wanted
 */
export async function sendMark(
  sink: ReadSink,
  { mark, source, isLeft }: MarkOrder,
  { sink: { delivery }, encoders, current }: MarkWiring,
): Promise<boolean> {
  const limit = { bytes: source.schemas.map(() => 0), bytesMax: 0 };
  const units = new UnitTracker(splitSlots(delivery.epochs).units, encoders.rings, limit, () => undefined);
  current.use(rowUnitsOf(units, source));
  const isGiven = (unit: number, schemaId: number) => {
    const isTaken = sink.enterUnit(unit) && sink.marks.give(Mark[mark], schemaId);
    sink.leaveUnit();
    sink.flush();
    return isTaken;
  };
  const isWanted = async () => {
    if (!units.advance()) await delay(LOOK_MS);
    return !isLeft();
  };
  for (const [unit, schema] of source.schemas.entries()) {
    sink.schema(schema);
    // There may be more of them than slots: what is delivered makes room.
    while (!isGiven(unit, schema.id)) if (!(await isWanted())) return false;
    sink.endUnit(unit);
  }
  while (units.open > 0) if (!(await isWanted())) return false;
  return true;
}
