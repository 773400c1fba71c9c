import { assert } from '../base/assert.ts';
import { ByteView, copyBytes } from '../base/byte-view.ts';
import { type OldImage, Operation } from '../change/operation.ts';
import type { RowSink } from '../change/row-sink.ts';
import type { ReadWindow, SnapshotSink } from '../change/snapshot.ts';
import type { TableSchema } from '../change/table-schema.ts';
import {
  NO_KEY,
  RECORD_KIND,
  RECORD_LENGTH,
  RecordKind,
  Row,
  RowFlag,
  ROW_HEADER_BYTES,
  SCHEMA_HEADER_BYTES,
  SCHEMA_TEXT_LENGTH,
  SIDE_RECORD_BYTES,
  alignRecord,
} from '../ring/layout.ts';
import type { RingWriter } from '../ring/writer.ts';
import type { Gate } from './fence.ts';
import { KeyWindow } from './key-window.ts';
import type { DispatcherOptions, RowEpoch, RowEpochs } from './options.ts';
import type { TablePlan } from './plan.ts';
import { Plans } from './plans.ts';
import { Targets } from './targets.ts';

/**
 * The capture thread's last stage: gives each row its key, partition, ring and epoch, and copies its image once.
 * The last row of the open transaction is *held*: it stays unpublished in its ring until the next row comes or the commit patches its flag.
 * Allocates per table version, and nothing for a row but the views that the copy of a long image takes.
 */
export class Dispatcher implements RowSink, SnapshotSink, Gate {
  /** Rows dispatched since the start. */
  rows = 0;
  readonly targets: Targets;

  private readonly options: DispatcherOptions;
  private readonly rings: readonly RingWriter[];
  private readonly epochs: RowEpochs;
  /** Where the next row goes: the stream's current epoch, or a unit of the snapshot. */
  private epoch: RowEpoch;
  /** `RowFlag.snapshot` while rows are those of a snapshot, else 0. */
  private flags = 0;
  /** Where the stream stands while rows are those of a snapshot. */
  private readonly stream = { xid: 0, commitMicrosHigh: 0, commitMicrosLow: 0, xoffset: 0 };
  /** Of the tables that are read beside the stream, by table id. */
  private readonly windows = new Map<number, KeyWindow>();
  private readonly tables: Plans;
  private readonly plans: readonly (TablePlan | null)[];
  private isClosed = false;
  private readonly key: ByteView;
  private readonly input = new ByteView(new Uint8Array(0));

  private xid = 0;
  private commitMicrosHigh = 0;
  private commitMicrosLow = 0;
  private xoffset = 0;
  /** Index of the ring with the held row, -1 when none is held. */
  private heldRing = -1;
  private heldPosition = 0;
  private heldBytes: Uint8Array;
  private heldFlag = 0;
  /** The delete of an update in two is written, its insert was refused and will come again. */
  private isHalfWritten = false;

  constructor(options: DispatcherOptions) {
    this.options = options;
    this.rings = options.rings;
    this.epochs = options.epochs;
    this.epoch = options.epochs;
    this.tables = new Plans(options);
    this.plans = this.tables.byId;
    this.targets = new Targets(options.targets, options.rings.length);
    this.key = new ByteView(new Uint8Array(options.keyBytesMax));
    this.heldBytes = this.key.bytes;
  }

  schema(schema: TableSchema): boolean {
    return this.tables.add(schema);
  }

  begin(xid: number, commitMicrosHigh: number, commitMicrosLow: number): void {
    this.xid = xid;
    this.commitMicrosHigh = commitMicrosHigh;
    this.commitMicrosLow = commitMicrosLow;
    this.xoffset = 0;
    this.flags = 0;
    this.epoch = this.epochs;
    this.epochs.begin(this.options.now(), commitMicrosHigh, commitMicrosLow);
  }

  enterUnit(unit: number): boolean {
    const { units } = this.options;
    assert(units !== null, 'a snapshot is read where one was planned');
    const epoch = units.enter(unit);
    if (epoch === null) return false;
    if (this.flags === 0) this.leaveStream();
    this.epoch = epoch;
    this.flags = RowFlag.snapshot;
    this.xid = 0;
    this.commitMicrosHigh = units.microsHigh;
    this.commitMicrosLow = units.microsLow;
    this.xoffset = epoch.rows;
    return true;
  }

  private leaveStream(): void {
    const { stream } = this;
    stream.xid = this.xid;
    stream.commitMicrosHigh = this.commitMicrosHigh;
    stream.commitMicrosLow = this.commitMicrosLow;
    stream.xoffset = this.xoffset;
  }

  leaveUnit(): void {
    if (this.flags === 0) return;
    const { stream } = this;
    this.epoch = this.epochs;
    this.flags = 0;
    this.xid = stream.xid;
    this.commitMicrosHigh = stream.commitMicrosHigh;
    this.commitMicrosLow = stream.commitMicrosLow;
    this.xoffset = stream.xoffset;
  }

  endUnit(unit: number): void {
    this.options.units?.end(unit);
  }

  watch(schema: TableSchema): ReadWindow {
    const { keyBytesMax, windowBytesMax } = this.options;
    const window = new KeyWindow(schema, { keyBytesMax, bytesMax: windowBytesMax });
    this.windows.set(schema.tableId, window);
    return window;
  }

  unwatch(schema: TableSchema): void {
    this.windows.delete(schema.tableId);
  }

  row(
    operation: Operation,
    schemaId: number,
    lsnHigh: number,
    lsnLow: number,
    bytes: Uint8Array,
    oldImage: OldImage,
    oldStart: number,
    oldEnd: number,
    newStart: number,
    newEnd: number,
  ): boolean {
    if (this.isClosed) return false;
    const plan = this.plans[schemaId];
    if (plan === null) return true;
    if (plan === undefined) return this.awaitPlan(schemaId);

    const { input, key } = this;
    input.use(bytes);
    if (plan.keyChange !== null && operation === Operation.update && plan.keyChange.isBetween(input, oldStart, oldEnd, newStart, newEnd)) {
      return this.rowInTwo(schemaId, lsnHigh, lsnLow, bytes, oldImage, oldStart, oldEnd, newStart, newEnd);
    }
    const { topic, placement } = plan.destinations[operation]!;
    const isDelete = operation === Operation.delete;
    const imageStart = isDelete ? oldStart : newStart;
    const imageEnd = isDelete ? oldEnd : newEnd;
    let keyLength = -1;
    if (plan.key !== null) keyLength = plan.key.write(input, imageStart, imageEnd, key, 0, oldStart, oldEnd);
    const { xid, xoffset } = this;
    if (this.windows.size > 0) {
      const window = this.windows.get(plan.schema.tableId);
      if (window !== undefined && this.flags === 0) {
        window.note(xid, plan, key, keyLength, input, operation, oldImage, oldStart, oldEnd, newStart, newEnd);
      } else if (window?.hides(plan, key, keyLength, input, newStart, newEnd) === true) return true;
    }
    const partition = placement.of(key, keyLength, input, imageStart, imageEnd, oldStart, oldEnd, lsnHigh, lsnLow, xid, xoffset);
    const target = topic.targetBase + partition;
    const worker = this.targets.workerOf(target);
    const ring = this.rings[worker]!;
    if (plan.announced[worker] === 0 && !this.announce(plan, ring, worker)) return false;

    const keyBytes = keyLength < 0 ? 0 : keyLength;
    const oldBytes = oldEnd - oldStart;
    const newBytes = newEnd - newStart;
    const length = alignRecord(ROW_HEADER_BYTES + keyBytes + oldBytes + newBytes);
    const side = length > ring.recordBytesMax;
    const offset = side ? ring.reserveSide(length) : ring.reserve(length);
    if (offset < 0) return this.refuse(worker, length);
    const out = side ? ring.sideData : ring.data;
    const words = side ? ring.sideWords : ring.words;

    const w = offset >> 2;
    words[w + (RECORD_LENGTH >> 2)] = length;
    words[w + (RECORD_KIND >> 2)] = RecordKind.row | (operation << 8) | (oldImage << 16) | (this.flags << 24);
    words[w + (Row.schemaId >> 2)] = schemaId;
    words[w + (Row.topic >> 2)] = topic.index;
    words[w + (Row.partition >> 2)] = partition;
    words[w + (Row.rowInEpoch >> 2)] = this.epoch.rows;
    words[w + (Row.epochAndTable >> 2)] = (this.epoch.slot << 16) | plan.schema.tableId;
    words[w + (Row.xid >> 2)] = xid;
    words[w + (Row.xoffset >> 2)] = xoffset;
    words[w + (Row.keyLength >> 2)] = keyLength < 0 ? NO_KEY : keyLength;
    words[w + (Row.oldLength >> 2)] = oldBytes;
    words[w + (Row.newLength >> 2)] = newBytes;
    words[w + (Row.commitMicrosLow >> 2)] = this.commitMicrosLow;
    words[w + (Row.commitMicrosHigh >> 2)] = this.commitMicrosHigh;
    words[w + (Row.lsnLow >> 2)] = lsnLow;
    words[w + (Row.lsnHigh >> 2)] = lsnHigh;
    words[w + (Row.target >> 2)] = target;
    words[w + (Row.sizeLimit >> 2)] = topic.maxMessageBytes;
    const image = offset + ROW_HEADER_BYTES + keyBytes;
    copyBytes(key, 0, keyBytes, out, image - keyBytes);
    copyBytes(input, oldStart, oldEnd, out, image);
    copyBytes(input, newStart, newEnd, out, image + oldBytes);

    // A snapshot has no last rows.
    if (this.flags === 0) this.hold(worker, ring.position, out.bytes, offset + Row.flags);
    ring.end(side ? SIDE_RECORD_BYTES : length);
    return this.count(target);
  }

  /**
   * An update that changes the key: the delete of the old one, then an insert under the new one, which keeps the old image for what the new
   * one leaves out as unchanged. Both have the update's place, so that a repeated call goes on where a full ring stopped it.
   */
  private rowInTwo(
    schemaId: number,
    lsnHigh: number,
    lsnLow: number,
    bytes: Uint8Array,
    oldImage: OldImage,
    oldStart: number,
    oldEnd: number,
    newStart: number,
    newEnd: number,
  ): boolean {
    this.isHalfWritten ||= this.row(Operation.delete, schemaId, lsnHigh, lsnLow, bytes, oldImage, oldStart, oldEnd, oldEnd, oldEnd);
    if (!this.isHalfWritten) return false;
    this.isHalfWritten = !this.row(Operation.insert, schemaId, lsnHigh, lsnLow, bytes, oldImage, oldStart, oldEnd, newStart, newEnd);
    return !this.isHalfWritten;
  }

  commit(positionHigh: number, positionLow: number): void {
    if (this.heldRing >= 0) {
      this.heldBytes[this.heldFlag] = RowFlag.commit;
      this.heldRing = -1;
    }
    this.epochs.commit(positionHigh, positionLow);
    if (this.epochs.rows >= this.options.epochRows || this.epochs.age(this.options.now()) >= this.options.epochMs) {
      this.epochs.close(this.options.now());
    }
  }

  idle(positionHigh: number, positionLow: number): void {
    this.epochs.commit(positionHigh, positionLow);
  }

  truncate(schemaIds: readonly number[], lsnHigh: number, lsnLow: number): void {
    const tables = this.tables.schemasOf(schemaIds);
    for (const { tableId } of tables) this.windows.get(tableId)?.noteAll(this.xid);
    if (tables.length > 0) this.options.onTruncate(tables, lsnHigh, lsnLow);
  }

  flush(): void {
    for (let w = 0; w < this.rings.length; w++) {
      const ring = this.rings[w]!;
      ring.publishTo(w === this.heldRing ? this.heldPosition : ring.position);
    }
  }

  /** Refuses rows until `open`; whoever opens tells the source to go on. */
  close(): void {
    this.isClosed = true;
  }

  open(): void {
    this.isClosed = false;
  }

  /** Writes the schema record into a ring that has not had it, before the first row that uses it. */
  private announce(plan: TablePlan, ring: RingWriter, worker: number): boolean {
    const length = alignRecord(SCHEMA_HEADER_BYTES + plan.record.length);
    const side = length > ring.recordBytesMax;
    const offset = side ? ring.reserveSide(length) : ring.reserve(length);
    if (offset < 0) return this.refuse(worker, length);
    const words = side ? ring.sideWords : ring.words;
    const w = offset >> 2;
    words[w + (RECORD_LENGTH >> 2)] = length;
    words[w + (RECORD_KIND >> 2)] = RecordKind.schema;
    words[w + (SCHEMA_TEXT_LENGTH >> 2)] = plan.record.length;
    (side ? ring.sideData : ring.data).bytes.set(plan.record, offset + SCHEMA_HEADER_BYTES);
    ring.end(side ? SIDE_RECORD_BYTES : length);
    plan.announced[worker] = 1;
    return true;
  }

  /** One row more. Always true: it was taken. */
  private count(target: number): true {
    this.targets.rows[target]! += 1;
    this.epoch.rows += 1;
    this.xoffset += 1;
    this.rows += 1;
    return true;
  }

  /** The row just written is the last one so far: it stays unpublished until a next one or the commit. */
  private hold(worker: number, position: number, bytes: Uint8Array, flag: number): void {
    this.heldRing = worker;
    this.heldPosition = position;
    this.heldBytes = bytes;
    this.heldFlag = flag;
  }

  /** Refuses the row of a table whose topics are asked for. */
  private awaitPlan(schemaId: number): false {
    this.tables.await(schemaId);
    this.letGo();
    return false;
  }

  private refuse(worker: number, length: number): false {
    this.letGo();
    this.options.onBlocked(this.rings[worker]!, length);
    return false;
  }

  /**
   * A row was refused. One of the stream is the held row's successor, which is therefore not its transaction's last; held on, it might keep
   * the very room that is waited for. One of a snapshot says nothing of it.
   */
  private letGo(): void {
    if (this.flags === 0) this.heldRing = -1;
    this.flush();
  }
}
