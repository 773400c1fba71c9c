import fc from 'fast-check';
import { inHex, quoted, utf8, type MatrixType } from './matrix-type.ts';

const wkt = (text: Buffer): string =>
  text
    .toString()
    // MySQL has points of a multiple in parentheses, MariaDB has not.
    .replace(/MULTIPOINT ?\(([^A-Z]*)\)/, (_all, points: string) => `MULTIPOINT(${points.replace(/[()]/g, '')})`)
    .replace(/\s*([(),])\s*/g, '$1')
    .replace(/ (EMPTY)/g, '$1')
    .replace(/-?\d[\d.e+-]*/g, (digits) => String(Number(digits)));

const coordinate = fc.oneof(fc.integer({ min: -180, max: 180 }), fc.double({ min: -1e6, max: 1e6, noNaN: true }));
const position = fc.tuple(coordinate, coordinate).map(([x, y]) => `${x} ${y}`);
const geometries = fc
  .oneof(
    position.map((one) => `POINT(${one})`),
    fc.array(position, { minLength: 2, maxLength: 5 }).map((points) => `LINESTRING(${points.join(',')})`),
    fc.array(position, { minLength: 1, maxLength: 5 }).map((points) => `MULTIPOINT(${points.join(',')})`),
  )
  .map((text) => `ST_GeomFromText('${text}')`);
const GEOMETRIES = [
  'POINT(3 2)',
  'POINT(-0.5 1e-7)',
  'POINT(1e20 0.1)',
  'LINESTRING(0 0,1 1,2 0.25)',
  'POLYGON((0 0,10 0,10 10,0 10,0 0),(2 2,2 4,4 4,4 2,2 2))',
  'MULTIPOINT(1 1,2 2)',
  'MULTILINESTRING((0 0,1 1),(2 2,3 3))',
  'MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))',
  'GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1),GEOMETRYCOLLECTION(POINT(7 8)))',
  'GEOMETRYCOLLECTION EMPTY',
];

const json = (text: Buffer): string => JSON.stringify(JSON.parse(text.toString()));
const JSONS = [
  '{"foo": "bar", "baz": [1,2,3,{"hello": "inside an array"}], "bar": 123.4321}',
  'null',
  'true',
  '"text \\u0001 \\u001f \\" \\\\ / ä€😀 \\b\\f\\n\\r\\t"',
  '[]',
  '{}',
  '[[], {}, [[[]]], {"a": {}}]',
  '[-32768, 32767, -32769, 32768, -2147483648, 2147483647, -2147483649, 2147483648, -9223372036854775808, 9223372036854775807]',
  '[0.1, -0.0, 1.5, 100.0, 1234567.875, 0.001, 1e15, 1e-5, 5e-324, 1.7976931348623157e308]',
  '{"": 1, "a": 2, "ä": 3, "long key of some length": 4}',
  `"${'x'.repeat(127)}"`,
  `"${'x'.repeat(128)}"`,
  `["${'x'.repeat(20_000)}", 70000, 7, true]`,
  `{"a": "${'y'.repeat(70_000)}", "b": 70000, "c": -70000, "d": 1, "e": null, "f": {"g": ["z", 1]}}`,
].map((document) => quoted(document));

/** Values that JSON text has none for; what Maxwell makes of them. */
const OPAQUES: readonly [string, string][] = [
  ['CAST(18446744073709551615 AS JSON)', '18446744073709551615'],
  ['JSON_ARRAY(CAST(65535 AS UNSIGNED), CAST(65536 AS UNSIGNED), CAST(4294967295 AS UNSIGNED))', '[65535,65536,4294967295]'],
  ['CAST(CAST(-1234567890.123456789 AS DECIMAL(30,9)) AS JSON)', '-1234567890.123456789'],
  ['CAST(CAST(0 AS DECIMAL(5,2)) AS JSON)', '0.00'],
  ["CAST(DATE '2015-01-15' AS JSON)", '"2015-01-15"'],
  ["CAST(CAST('23:24:25.12' AS TIME(3)) AS JSON)", '"23:24:25.12"'],
  ["CAST(TIME '-23:24:25' AS JSON)", '"-23:24:25"'],
  ["CAST(TIME'-00:00:00.000001' AS JSON)", '"-00:00:00.000001"'],
  ["CAST(TIMESTAMP '2015-01-15 23:24:25' AS JSON)", '"2015-01-15 23:24:25"'],
  ["CAST(TIMESTAMP '2015-01-15 23:24:25.000012' AS JSON)", '"2015-01-15 23:24:25.000012"'],
  ["CAST(x'cafebabe' AS JSON)", '"yv66vg=="'],
  ["JSON_OBJECT('b', b'101')", '{"b":"BQ=="}'],
  ['CAST(1e-5 AS JSON)', '0.000010000000000000000818030539140313095458623138256371021270751953125'],
  ['CAST(1e7 AS JSON)', '10000000'],
  ['CAST(1e6 AS JSON)', '1000000.0'],
  ['JSON_ARRAY(true, false, null)', '[true,false,null]'],
];
/** The server is asked for the number of the row. */
const opaques: MatrixType = {
  declared: "json COMMENT 'opaque values'",
  values: OPAQUES.map(([sql]) => sql),
  select: 'IF(v IS NULL, NULL, id)',
  said: (text) => OPAQUES[Number(text)]![1],
  servers: ['mysql'],
};

const floatsOf = (bytes: Buffer): number[] => Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(4 * index));
const vector = (numbers: readonly number[]): string => inHex(new Uint8Array(Float32Array.from(numbers).buffer));
const ANY_VECTOR = {
  declared: 'vector(3)',
  values: [
    [0, 0, 0],
    [1, -0.5, 0.1],
    [3.4028234e38, -1.17549435e-38, 1e-45],
  ].map(vector),
  random: fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 3, maxLength: 3 }).map(vector),
  show: (text: Buffer) => JSON.stringify((JSON.parse(text.toString()) as number[]).map((number) => Math.fround(number))),
  // The servers' own texts have six digits.
  said: (bytes: Buffer) => JSON.stringify(floatsOf(bytes)),
};
const VECTORS: readonly MatrixType[] = [
  { ...ANY_VECTOR, servers: ['mariadb'], since: '11.7', meaning: 'vector' },
  { ...ANY_VECTOR, servers: ['mysql'], since: '9.0' },
];

/** JSON, geometries and vectors. */
export const DOCUMENTS: readonly MatrixType[] = [
  {
    declared: 'geometry',
    values: GEOMETRIES.map((text) => `ST_GeomFromText('${text}')`),
    random: geometries,
    select: 'ST_AsText(v)',
    show: wkt,
  },
  {
    declared: "point COMMENT 'with a reference system'",
    values: ["ST_GeomFromText('POINT(3 2)', 3857)"],
    select: 'ST_AsText(v)',
    show: wkt,
  },
  { declared: "json COMMENT 'documents'", values: JSONS, random: fc.jsonValue().map((value) => utf8(JSON.stringify(value))), show: json },
  opaques,
  {
    declared: "json COMMENT 'a geometry'",
    values: ["CAST(ST_GeomFromText('POINT(1 2)') AS JSON)"],
    show: json,
    servers: ['mysql'],
  },
  ...VECTORS,
];
