import { MillraceError } from '../../base/errors.ts';

/** Numbers from `from` up to and without `to`. */
interface Interval {
  readonly from: bigint;
  readonly to: bigint;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TAG = /^[a-z_][a-z0-9_]{0,31}$/;
const NUMBERS = /^(\d{1,19})(?:-(\d{1,19}))?$/;
const GNO_MAX = 9_223_372_036_854_775_806n;

/**
 * A set of MySQL's GTIDs: `uuid:1-5:7,uuid2:1-3`, from 8.3 on with tags `uuid:tag:1-3`. Gaps are legal. Immutable; what does not change
 * of a set is shared with the sets that are made of it.
 */
export class MysqlGtidSet {
  /** By `uuid` or `uuid:tag`; ascending, disjoint, never adjacent, never empty. */
  private readonly entries: ReadonlyMap<string, readonly Interval[]>;

  private constructor(entries: ReadonlyMap<string, readonly Interval[]>) {
    this.entries = entries;
  }

  static readonly EMPTY = new MysqlGtidSet(new Map());

  /** Reads a set as servers write it, line breaks and capitals included. @throws MillraceError `POSITION_INVALID` */
  static parse(text: string): MysqlGtidSet {
    const entries = new Map<string, readonly Interval[]>();
    for (const part of text.toLowerCase().split(',')) {
      const [uuid = '', ...fields] = part.split(':').map((field) => field.trim());
      if (uuid === '' && fields.length === 0) continue;
      if (!UUID.test(uuid)) throw invalid(text, `\`${uuid}\` is no UUID`);
      readFields(text, uuid, fields, entries);
    }
    return new MysqlGtidSet(entries);
  }

  /** Reads what `encode` writes. @throws MillraceError `POSITION_INVALID` */
  static decode(bytes: Uint8Array): MysqlGtidSet {
    const entries = new Map<string, readonly Interval[]>();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const header = bytes.length < 8 ? 0n : view.getBigUint64(0, true);
    const isTagged = bytes[7] === 1;
    const count = Number(isTagged ? (header >> 8n) & 0xff_ff_ff_ff_ff_ffn : header);
    let at = 8;
    for (let entry = 0; entry < count; entry++) {
      const hex = Buffer.from(bytes.subarray(at, at + 16)).toString('hex');
      at += 16;
      const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
      const tagLength = isTagged ? (bytes[at++] ?? 0) >> 1 : 0;
      const tag = Buffer.from(bytes.subarray(at, at + tagLength)).toString('latin1');
      at += tagLength;
      const intervals = at + 8 <= bytes.length ? Number(view.getBigUint64(at, true)) : Number.POSITIVE_INFINITY;
      at += 8;
      if (at + 16 * intervals > bytes.length) throw invalid(hex, 'it is cut short');
      const source = tag === '' ? uuid : `${uuid}:${tag}`;
      for (let interval = 0; interval < intervals; interval++, at += 16) {
        const added = { from: view.getBigUint64(at, true), to: view.getBigUint64(at + 8, true) };
        entries.set(source, merge(entries.get(source) ?? [], added));
      }
    }
    return new MysqlGtidSet(entries);
  }

  get isEmpty(): boolean {
    return this.entries.size === 0;
  }

  /** How many transactions it has. */
  get count(): number {
    const intervals = [...this.entries.values()].flat();
    return intervals.reduce((sum, { from, to }) => sum + Number(to - from), 0);
  }

  /** The set with some transactions more, `from` to `last`. @param source `uuid` or `uuid:tag` */
  with(source: string, from: bigint, last: bigint): MysqlGtidSet {
    const added = merge(this.entries.get(source) ?? [], { from, to: last + 1n });
    return new MysqlGtidSet(new Map(this.entries).set(source, added));
  }

  union(other: MysqlGtidSet): MysqlGtidSet {
    const entries = new Map(this.entries);
    for (const [source, intervals] of other.entries) entries.set(source, intervals.reduce(merge, entries.get(source) ?? []));
    return new MysqlGtidSet(entries);
  }

  /** What is in this set and not in the other one. */
  minus(other: MysqlGtidSet): MysqlGtidSet {
    const entries = new Map<string, readonly Interval[]>();
    for (const [source, intervals] of this.entries) {
      const left = (other.entries.get(source) ?? []).reduce(cutOut, intervals);
      if (left.length > 0) entries.set(source, left);
    }
    return new MysqlGtidSet(entries);
  }

  contains(other: MysqlGtidSet): boolean {
    return other.minus(this).isEmpty;
  }

  toString(): string {
    const lines = new Map<string, string>();
    for (const [source, intervals] of this.sorted()) {
      const [uuid, tag] = source.split(':');
      const numbers = intervals.map(({ from, to }) => (to === from + 1n ? `${from}` : `${from}-${to - 1n}`)).join(':');
      const fields = tag === undefined ? numbers : `${tag}:${numbers}`;
      const line = lines.get(uuid!);
      lines.set(uuid!, line === undefined ? `${uuid}:${fields}` : `${line}:${fields}`);
    }
    return [...lines.values()].join(',');
  }

  /** As COM_BINLOG_DUMP_GTID takes it, and PREVIOUS_GTIDS has it: ends are exclusive. Tags change the form of every entry. */
  encode(): Uint8Array {
    const sorted = this.sorted();
    const isTagged = sorted.some(([source]) => source.includes(':'));
    const parts = [encodeCount(sorted.length, isTagged)];
    for (const [source, intervals] of sorted) {
      const [uuid, tag = ''] = source.split(':');
      parts.push(Buffer.from(uuid!.replaceAll('-', ''), 'hex'));
      // The tag's length is a variable-length integer, which for at most 32 is its double in one byte.
      if (isTagged) parts.push(Buffer.from([tag.length << 1]), Buffer.from(tag, 'latin1'));
      const words = [BigInt(intervals.length), ...intervals.flatMap(({ from, to }) => [from, to])];
      parts.push(Buffer.concat(words.map(word64)));
    }
    return Buffer.concat(parts);
  }

  private sorted(): [string, readonly Interval[]][] {
    return [...this.entries].toSorted(([a], [b]) => (a < b ? -1 : 1));
  }
}

/** Numbers belong to the tag before them, or to none. */
function readFields(text: string, uuid: string, fields: readonly string[], entries: Map<string, readonly Interval[]>): void {
  let source = uuid;
  if (fields.length === 0) throw invalid(text, `\`${uuid}\` has no numbers`);
  for (const field of fields) {
    const match = NUMBERS.exec(field);
    if (match === null && !TAG.test(field)) throw invalid(text, `\`${field}\` is neither numbers nor a tag`);
    if (match === null) {
      source = `${uuid}:${field}`;
      continue;
    }
    const from = BigInt(match[1]!);
    const last = match[2] === undefined ? from : BigInt(match[2]);
    if (from < 1n || last < from || last > GNO_MAX) throw invalid(text, `\`${field}\` is no interval`);
    entries.set(source, merge(entries.get(source) ?? [], { from, to: last + 1n }));
  }
}

function merge(intervals: readonly Interval[], added: Interval): readonly Interval[] {
  const last = intervals.at(-1);
  // What a stream brings: the next one.
  if (last !== undefined && last.to === added.from) return [...intervals.slice(0, -1), { from: last.from, to: added.to }];
  let { from, to } = added;
  const before = intervals.filter((interval) => interval.to < from);
  const after = intervals.filter((interval) => interval.from > to);
  for (const interval of intervals.slice(before.length, intervals.length - after.length)) {
    if (interval.from < from) from = interval.from;
    if (interval.to > to) to = interval.to;
  }
  return [...before, { from, to }, ...after];
}

function cutOut(intervals: readonly Interval[], { from, to }: Interval): readonly Interval[] {
  return intervals.flatMap((interval) => {
    if (interval.to <= from || interval.from >= to) return [interval];
    const left = interval.from < from ? [{ from: interval.from, to: from }] : [];
    const right = interval.to > to ? [{ from: to, to: interval.to }] : [];
    return [...left, ...right];
  });
}

function encodeCount(count: number, isTagged: boolean): Buffer {
  if (!isTagged) return word64(BigInt(count));
  return word64((1n << 56n) | (BigInt(count) << 8n) | 1n);
}

function word64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

function invalid(text: string, why: string): MillraceError {
  const message = `\`${text}\` is no set of GTIDs of MySQL, such as 3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5:7: ${why}.`;
  return new MillraceError('POSITION_INVALID', message, { given: text });
}
