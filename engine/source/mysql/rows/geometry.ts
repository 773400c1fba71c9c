import type { ByteView } from '../../../base/byte-view.ts';
import { failValue, prefixed, type ColumnDecoder, type ColumnName } from './column-decoder.ts';
import { plainText } from './plain-number.ts';
import { TextScratch } from './text-scratch.ts';

const SRID_BYTES = 4;
const HEADER_BYTES = 5;
const COUNT_BYTES = 4;
const COORDINATE_BYTES = 8;
/** Collections within collections. */
const DEPTH_MAX = 100;
const WORDS = ['', 'POINT', 'LINESTRING', 'POLYGON', 'MULTIPOINT', 'MULTILINESTRING', 'MULTIPOLYGON', 'GEOMETRYCOLLECTION'];
const POINT = 1;
const LINE = 2;
const POLYGON = 3;
const COLLECTION = 7;
/** From a type to that of a multiple's parts. */
const MULTIPLE = 3;

const scratch = new TextScratch();

/** A column of geometries: the id of their reference system, which texts do not show, and WKB; as WKT in the layout of JTS. */
export function geometryColumn(name: ColumnName, prefix: number): ColumnDecoder {
  const reader = new WkbReader(name);
  return prefixed(prefix, 0, (input, start, end, output, position) => {
    scratch.clear();
    reader.read(input, start, end);
    return scratch.copyTo(output, position);
  });
}

/** Reads one geometry after the other into `scratch`. */
class WkbReader {
  private readonly name: ColumnName;
  private input!: ByteView;
  private start = 0;
  private end = 0;
  private at = 0;
  private isLittle = true;

  constructor(name: ColumnName) {
    this.name = name;
  }

  read(input: ByteView, start: number, end: number): void {
    this.input = input;
    this.start = start;
    this.end = end;
    this.at = start + SRID_BYTES;
    this.geometry(this.header(), 0);
    if (this.at !== end) this.fail();
  }

  /** The type that a geometry begins with, and its byte order. */
  private header(): number {
    this.need(HEADER_BYTES);
    const order = this.input.bytes[this.at]!;
    this.isLittle = order === 1;
    const type = this.input.view.getUint32(this.at + 1, this.isLittle);
    if (order > 1 || type < POINT || type > COLLECTION) this.fail();
    this.at += HEADER_BYTES;
    return type;
  }

  private geometry(type: number, depth: number): void {
    if (depth > DEPTH_MAX) this.fail();
    scratch.ascii(WORDS[type]!);
    scratch.ascii(' ');
    if (type === COLLECTION) this.list(() => this.geometry(this.header(), depth + 1));
    else if (type > POLYGON) this.list(() => this.part(type - MULTIPLE));
    else this.body(type);
  }

  /** A part of a multiple: the type is its own once more, and no word. */
  private part(type: number): void {
    if (this.header() !== type) this.fail();
    this.body(type);
  }

  private body(type: number): void {
    if (type === POINT) this.point();
    else if (type === LINE) this.line();
    else this.list(() => this.line());
  }

  private point(): void {
    scratch.ascii('(');
    this.coordinates();
    scratch.ascii(')');
  }

  private line(): void {
    this.list(() => this.coordinates());
  }

  private list(one: () => void): void {
    this.need(COUNT_BYTES);
    const count = this.input.view.getUint32(this.at, this.isLittle);
    this.at += COUNT_BYTES;
    if (count === 0) return scratch.ascii('EMPTY');
    scratch.ascii('(');
    for (let i = 0; i < count; i++) {
      if (i > 0) scratch.ascii(', ');
      one();
    }
    scratch.ascii(')');
  }

  private coordinates(): void {
    this.need(2 * COORDINATE_BYTES);
    const x = this.input.view.getFloat64(this.at, this.isLittle);
    const y = this.input.view.getFloat64(this.at + COORDINATE_BYTES, this.isLittle);
    if (!Number.isFinite(x) || !Number.isFinite(y)) this.fail();
    scratch.ascii(`${plainText(x)} ${plainText(y)}`);
    this.at += 2 * COORDINATE_BYTES;
  }

  private need(bytes: number): void {
    if (bytes > this.end - this.at) this.fail();
  }

  private fail(): never {
    return failValue(this.name, this.input, this.start, this.end, 'a geometry in WKB');
  }
}
