import { Operation } from '../change/operation.ts';
import type { Mark, MarkSink } from '../change/snapshot.ts';
import { alignRecord, RECORD_KIND, RECORD_LENGTH, RecordKind, Row, ROW_HEADER_BYTES } from '../ring/layout.ts';
import type { RingWriter } from '../ring/writer.ts';
import type { DispatchTopic, TablePlan } from './plan.ts';
import type { Plans } from './plans.ts';
import type { RowPlace } from './row-place.ts';
import { announce } from './schema-writer.ts';
import type { Targets } from './targets.ts';

/** Marks of all tables go to this partition of their topic: whoever waits for one knows where. */
export const MARK_PARTITION = 0;

/** What the dispatcher shares with them. */
export interface MarksOptions {
  readonly plans: Plans;
  readonly targets: Targets;
  readonly rings: readonly RingWriter[];
  /** In the unit that was entered last. */
  readonly place: RowPlace;
  /** Nothing may be written now. */
  readonly isClosed: () => boolean;
}

/** Writes marks among the rows of units. They are few: whoever gives one that is refused tries again by itself. */
export class Marks implements MarkSink {
  private readonly options: MarksOptions;

  constructor(options: MarksOptions) {
    this.options = options;
  }

  give(mark: Mark, schemaId: number): boolean {
    const { plans, targets, rings, place, isClosed } = this.options;
    const plan = plans.byId[schemaId];
    if (isClosed() || plan === undefined || plan === null) return false;
    const { topic } = plan.destinations[Operation.insert]!;
    const target = topic.targetBase + MARK_PARTITION;
    const worker = targets.workerOf(target);
    const ring = rings[worker]!;
    if (plan.announced[worker] === 0 && announce(ring, plan, worker) > 0) return false;
    if (!writeMark(ring, mark, plan, topic, place)) return false;
    targets.rows[target]! += 1;
    place.epoch.rows += 1;
    return true;
  }
}

/** Writes a mark into a ring, unpublished. False when there is no room for it now. */
function writeMark(ring: RingWriter, mark: Mark, plan: TablePlan, topic: DispatchTopic, place: RowPlace): boolean {
  const { schema, markKey } = plan;
  const length = alignRecord(ROW_HEADER_BYTES + markKey.length);
  const offset = ring.reserve(length);
  if (offset < 0) return false;
  const set = (field: number, value: number) => {
    ring.words[(offset + field) >> 2] = value;
  };
  set(RECORD_LENGTH, length);
  set(RECORD_KIND, RecordKind.mark | (mark << 8) | (place.flags << 24));
  set(Row.schemaId, schema.id);
  set(Row.topic, topic.index);
  set(Row.partition, MARK_PARTITION);
  set(Row.rowInEpoch, place.epoch.rows);
  set(Row.epochAndTable, (place.epoch.slot << 16) | schema.tableId);
  for (const field of [Row.xid, Row.xidHigh, Row.xoffset, Row.oldLength, Row.newLength, Row.lsnLow, Row.lsnHigh]) set(field, 0);
  set(Row.keyLength, markKey.length);
  set(Row.commitMicrosLow, place.commitMicrosLow);
  set(Row.commitMicrosHigh, place.commitMicrosHigh);
  set(Row.target, topic.targetBase + MARK_PARTITION);
  set(Row.sizeLimit, topic.maxMessageBytes);
  ring.data.bytes.set(markKey, offset + ROW_HEADER_BYTES);
  ring.end(length);
  return true;
}
