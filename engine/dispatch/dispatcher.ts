import { assert } from '../base/assert.ts';
import { ByteView, copyBytes } from '../base/byte-view.ts';
import { type OldImage, Operation } from '../change/operation.ts';
import type { RefusedRow, RowSink } from '../change/row-sink.ts';
import type { MovedRow, ReadWindow, SnapshotSink } from '../change/snapshot.ts';
import type { TableSchema } from '../change/table-schema.ts';
import { Row, RowFlag, ROW_HEADER_BYTES, SIDE_RECORD_BYTES, alignRecord } from '../ring/layout.ts';
import type { RingWriter } from '../ring/writer.ts';
import type { Gate } from './fence.ts';
import { HeldRow } from './held-row.ts';
import { Marks } from './marks.ts';
import type { DispatcherOptions, RowEpochs } from './options.ts';
import { OriginWriter } from './origin-writer.ts';
import type { TablePlan } from './plan.ts';
import { Plans } from './plans.ts';
import { writeRefused } from './refused-record.ts';
import { placeOf } from './refused.ts';
import { writeHead } from './row-header.ts';
import { rowPlace, setPlace, type RowPlace } from './row-place.ts';
import { RowView } from './row-view.ts';
import { announce } from './schema-writer.ts';
import { Targets } from './targets.ts';
import { Windows } from './windows.ts';

/**
 * The capture thread's last stage: gives each row its key, partition, ring and epoch, and copies its image once.
 * The last row of the open transaction is *held*: it stays unpublished in its ring until the next row comes or the commit patches its flag.
 * Allocates per table version, and nothing for a row but the views that the copy of a long image takes.
 */
export class Dispatcher implements RowSink, SnapshotSink, Gate {
  /** Rows dispatched since the start. */
  rows = 0;
  readonly targets: Targets;
  readonly marks: Marks;
  readonly takesRefused: boolean;
  readonly wantsOrigin: boolean;

  private readonly options: DispatcherOptions;
  private readonly rings: readonly RingWriter[];
  private readonly epochs: RowEpochs;
  private readonly stream: RowPlace;
  private readonly unit: RowPlace;
  /** Of the next row: one of the two. */
  private place: RowPlace;
  private readonly windows: Windows;
  private readonly tables: Plans;
  private readonly plans: readonly (TablePlan | null)[];
  private isClosed = false;
  private readonly key: ByteView;
  private readonly view: RowView;
  private readonly origins: OriginWriter;

  private readonly held = new HeldRow();
  /** The delete of an update in two is written, its insert was refused and will come again. */
  private isHalfWritten = false;

  constructor(options: DispatcherOptions) {
    this.options = options;
    this.takesRefused = options.takesRefused;
    this.wantsOrigin = options.wantsOrigin;
    this.rings = options.rings;
    this.epochs = options.epochs;
    this.stream = rowPlace(options.epochs, 0);
    this.unit = rowPlace(options.epochs, RowFlag.snapshot);
    this.place = this.stream;
    this.tables = new Plans(options);
    this.plans = this.tables.byId;
    this.targets = new Targets(options.targets, options.rings.length);
    const { tables: plans, targets, rings, unit: place } = this;
    this.marks = new Marks({ plans, targets, rings, place, isClosed: () => this.isClosed });
    this.key = new ByteView(new Uint8Array(options.keyBytesMax));
    this.view = new RowView(options.recordBytesMax);
    this.origins = new OriginWriter(options.rings.length);
    this.windows = new Windows({ keyBytesMax: options.keyBytesMax, bytesMax: options.windowBytesMax }, this.key);
  }

  schema(schema: TableSchema): boolean {
    return this.tables.add(schema);
  }

  isPlanned(schemaId: number): boolean {
    return this.tables.has(schemaId);
  }

  begin(xidHigh: number, xidLow: number, commitMicrosHigh: number, commitMicrosLow: number): void {
    this.stream.flags = 0;
    setPlace(this.stream, this.epochs, xidHigh, xidLow, commitMicrosHigh, commitMicrosLow, 0);
    this.place = this.stream;
    this.epochs.begin(this.options.now(), commitMicrosHigh, commitMicrosLow);
  }

  beginWithoutXid(commitMicrosHigh: number, commitMicrosLow: number): void {
    this.begin(0, 0, commitMicrosHigh, commitMicrosLow);
    this.stream.flags = RowFlag.noXid;
  }

  rowTime(microsHigh: number, microsLow: number): void {
    this.stream.commitMicrosHigh = microsHigh;
    this.stream.commitMicrosLow = microsLow;
  }

  origin(gtid: string | null, serverId: number, threadId: number): void {
    this.origins.set(gtid, serverId, threadId);
    this.stream.threadId = threadId;
  }

  enterUnit(unit: number): boolean {
    const { units } = this.options;
    assert(units !== null, 'a snapshot is read where one was planned');
    const epoch = units.enter(unit);
    if (epoch === null) return false;
    setPlace(this.unit, epoch, 0, 0, units.microsHigh, units.microsLow, epoch.rows);
    this.place = this.unit;
    return true;
  }

  leaveUnit(): void {
    this.place = this.stream;
  }

  endUnit(unit: number): void {
    this.options.units?.end(unit);
  }

  watch(table: string, onMoved: (row: MovedRow) => void): void {
    this.windows.watch(table, onMoved);
  }

  unwatch(table: string): void {
    this.windows.unwatch(table);
  }

  windowOf(table: string): ReadWindow {
    return this.windows.of(table);
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

    const { view, key, place } = this;
    view.use(bytes, plan.decoder, oldStart, oldEnd, newStart, newEnd);
    const { input, seen, oldStart: oldFrom, oldEnd: oldTo, newStart: newFrom, newEnd: newTo } = view;
    if (plan.keyChange !== null && operation === Operation.update && plan.keyChange.isBetween(seen, oldFrom, oldTo, newFrom, newTo)) {
      return this.rowInTwo(schemaId, lsnHigh, lsnLow, bytes, oldImage, oldStart, oldEnd, newStart, newEnd);
    }
    const { topic, placement } = plan.destinations[operation]!;
    const isDelete = operation === Operation.delete;
    const from = isDelete ? oldFrom : newFrom;
    const to = isDelete ? oldTo : newTo;
    const keyLength = plan.key === null ? -1 : plan.key.write(seen, from, to, key, 0, oldFrom, oldTo);
    const { windows } = this;
    if (!windows.isNone && !windows.admits(place, plan, keyLength, seen, operation, oldImage, oldFrom, oldTo, newFrom, newTo)) return true;
    const partition = placement.of(key, keyLength, seen, from, to, oldFrom, oldTo, lsnHigh, lsnLow, place);
    const target = topic.targetBase + partition;
    const worker = this.targets.workerOf(target);
    const ring = this.rings[worker]!;
    if (plan.announced[worker] === 0 && !this.announce(plan, ring, worker)) return false;
    if (!this.origins.isTold(worker) && !this.tellOrigin(ring, worker)) return false;

    const keyBytes = keyLength < 0 ? 0 : keyLength;
    const oldBytes = oldEnd - oldStart;
    const newBytes = newEnd - newStart;
    const length = alignRecord(ROW_HEADER_BYTES + keyBytes + oldBytes + newBytes);
    const side = length > ring.recordBytesMax;
    const offset = side ? ring.reserveSide(length) : ring.reserve(length);
    if (offset < 0) return this.refuse(worker, length);
    const out = side ? ring.sideData : ring.data;
    const words = side ? ring.sideWords : ring.words;
    const { schema } = plan;
    writeHead(words, offset, length, operation, oldImage, schema, place, lsnHigh, lsnLow, topic, partition, keyLength, oldBytes, newBytes);
    const image = offset + ROW_HEADER_BYTES + keyBytes;
    copyBytes(key, 0, keyBytes, out, image - keyBytes);
    copyBytes(input, oldStart, oldEnd, out, image);
    copyBytes(input, newStart, newEnd, out, image + oldBytes);

    // A snapshot has no last rows.
    if (place === this.stream) this.held.hold(worker, ring.position, out.bytes, offset + Row.flags);
    ring.end(side ? SIDE_RECORD_BYTES : length);
    return this.count(target);
  }

  refused(row: RefusedRow): boolean {
    if (this.isClosed) return false;
    const plan = this.plans[row.schemaId];
    if (plan === null || plan === undefined) return plan === null || this.awaitPlan(row.schemaId);
    // Of an update in two the delete is out.
    const refused = { ...row, operation: this.isHalfWritten ? Operation.insert : row.operation };
    const { key, place } = this;
    const found = placeOf(refused, plan, this.view, key, place);
    const worker = this.targets.workerOf(found.target);
    const ring = this.rings[worker]!;
    if (plan.announced[worker] === 0 && !this.announce(plan, ring, worker)) return false;
    const wanted = writeRefused(ring, refused, plan, { ...place, ...found, key: key.bytes }, this.options.recordBytesMax);
    if (wanted > 0) return this.refuse(worker, wanted);
    this.isHalfWritten = false;
    // Its key may not be known.
    if (place === this.stream) this.windows.noteAll(place.xid, [plan.schema]);
    // What its partition never gets is the worker's to count.
    return this.count(found.partition < 0 ? -1 : found.target);
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
    this.held.commit();
    this.epochs.commit(positionHigh, positionLow);
    const { epochRows, epochMs, now } = this.options;
    if (this.epochs.rows >= epochRows || this.epochs.age(now()) >= epochMs) this.epochs.close(now());
  }

  idle(positionHigh: number, positionLow: number): void {
    this.epochs.commit(positionHigh, positionLow);
  }

  truncate(schemaIds: readonly number[], lsnHigh: number, lsnLow: number): void {
    const tables = this.tables.schemasOf(schemaIds);
    this.windows.noteAll(this.stream.xid, tables);
    if (tables.length > 0) this.options.onTruncate(tables, lsnHigh, lsnLow);
  }

  flush(): void {
    for (let w = 0; w < this.rings.length; w++) this.rings[w]!.publishTo(this.held.endOf(w, this.rings[w]!.position));
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
    const wanted = announce(ring, plan, worker);
    return wanted === 0 || this.refuse(worker, wanted);
  }

  /** Writes the origin record into a ring that has not had it, before the first row of the transaction there. */
  private tellOrigin(ring: RingWriter, worker: number): boolean {
    const wanted = this.origins.write(ring, worker);
    return wanted === 0 || this.refuse(worker, wanted);
  }

  /** One row more, of a partition that is not known for -1. Always true: it was taken. */
  private count(target: number): true {
    if (target >= 0) this.targets.rows[target]! += 1;
    this.place.epoch.rows += 1;
    this.place.xoffset += 1;
    this.rows += 1;
    return true;
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
    if (this.place === this.stream) this.held.letGo();
    this.flush();
  }
}
