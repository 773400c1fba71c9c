import assert from 'node:assert/strict';
import test from 'node:test';
import { ColumnType } from '../../../../../engine/source/mysql/binlog/column-types.ts';
import { binlogSchema, decodeRow } from '../../../../support/binlog-layout.ts';

type Point = readonly [number, number];

/** A geometry in WKB; `parts` are coordinates, points, rings or geometries, as its type has them. */
function header(type: number, isLittle = true): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = isLittle ? 1 : 0;
  if (isLittle) bytes.writeUInt32LE(type, 1);
  else bytes.writeUInt32BE(type, 1);
  return bytes;
}

function count(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function coordinates([x, y]: Point, isLittle = true): Buffer {
  const bytes = Buffer.alloc(16);
  if (isLittle) {
    bytes.writeDoubleLE(x);
    bytes.writeDoubleLE(y, 8);
  } else {
    bytes.writeDoubleBE(x);
    bytes.writeDoubleBE(y, 8);
  }
  return bytes;
}

const list = (parts: readonly Buffer[]) => Buffer.concat([count(parts.length), ...parts]);
const ring = (points: readonly Point[]) => list(points.map((point) => coordinates(point)));
const point = (at: Point) => Buffer.concat([header(1), coordinates(at)]);
const line = (points: readonly Point[]) => Buffer.concat([header(2), ring(points)]);
const polygon = (rings: readonly (readonly Point[])[]) => Buffer.concat([header(3), list(rings.map(ring))]);
const collection = (type: number, parts: readonly Buffer[]) => Buffer.concat([header(type), list(parts)]);

function decode(wkb: Buffer, srid = 0): string {
  const value = Buffer.concat([count(srid), wkb]);
  const schema = binlogSchema([{ type: ColumnType.geometry, metadata: 4 }]);
  return String(decodeRow(schema, Buffer.concat([Buffer.of(0), count(value.length), value]))[0]);
}

const SQUARE: readonly Point[] = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 0],
];

/** In the layout of JTS, which Maxwell uses. */
test('every type of geometry', () => {
  assert.equal(decode(point([3, 2])), 'POINT (3 2)');
  assert.equal(decode(point([-0.5, 1e-7]), 4326), 'POINT (-0.5 0.0000001)');
  assert.equal(
    decode(
      line([
        [0, 0],
        [1, 1.25],
      ]),
    ),
    'LINESTRING (0 0, 1 1.25)',
  );
  assert.equal(decode(polygon([SQUARE, SQUARE])), 'POLYGON ((0 0, 1 0, 1 1, 0 0), (0 0, 1 0, 1 1, 0 0))');
  assert.equal(decode(collection(4, [point([1, 2]), point([3, 4])])), 'MULTIPOINT ((1 2), (3 4))');
  assert.equal(
    decode(
      collection(5, [
        line([
          [0, 0],
          [1, 1],
        ]),
        line([
          [2, 2],
          [3, 3],
        ]),
      ]),
    ),
    'MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))',
  );
  assert.equal(decode(collection(6, [polygon([SQUARE])])), 'MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))');
  assert.equal(decode(collection(7, [point([1, 2]), collection(7, [])])), 'GEOMETRYCOLLECTION (POINT (1 2), GEOMETRYCOLLECTION EMPTY)');
});

test('without parts, and big-endian', () => {
  for (const [type, name] of [
    [2, 'LINESTRING'],
    [3, 'POLYGON'],
    [4, 'MULTIPOINT'],
    [7, 'GEOMETRYCOLLECTION'],
  ] as const) {
    assert.equal(decode(collection(type, [])), `${name} EMPTY`);
  }
  assert.equal(decode(Buffer.concat([header(1, false), coordinates([5, 6], false)])), 'POINT (5 6)');
});

test('what is no geometry is refused: another type, a part of another type, cut short, too long, endless collections', () => {
  let deep = point([0, 0]);
  for (let depth = 0; depth < 200; depth++) deep = collection(7, [deep]);
  const broken = [
    header(8),
    Buffer.alloc(0),
    Buffer.concat([header(9), coordinates([1, 1])]),
    collection(4, [line([[0, 0]])]),
    point([1, 1]).subarray(0, 12),
    Buffer.concat([point([1, 1]), Buffer.of(0)]),
    Buffer.concat([header(2), count(0xffff_ffff)]),
    point([Number.NaN, 0]),
    deep,
  ];
  for (const wkb of broken) assert.throws(() => decode(wkb), { code: 'VALUE_INVALID' });
});
