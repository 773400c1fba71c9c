import fc from 'fast-check';
import type { LogColumn } from '../../engine/source/mysql/rows/layout.ts';

/** A type of the servers, and values of it. */
export interface MatrixType {
  readonly declared: string;
  /** SQL expressions. */
  readonly values: readonly string[];
  readonly random?: fc.Arbitrary<string>;
  /** What is selected of the column `v`, where it is not the column itself. */
  readonly select?: string;
  /** Both texts in a form that can be compared, `said` that of the server where it needs another. */
  readonly show?: (text: Buffer) => string;
  readonly said?: (text: Buffer) => string;
  readonly meaning?: LogColumn['meaning'];
  /** Which servers have it; all by default. */
  readonly servers?: readonly ('mariadb' | 'mysql')[];
  /** Statements around its table. */
  readonly before?: readonly string[];
  readonly after?: readonly string[];
}

const hex = (text: Buffer): string => text.toString('hex');
const number = (text: Buffer): string => String(Number(text));
const float = (text: Buffer): string => String(Math.fround(Number(text)));
const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
const inHex = (bytes: Uint8Array): string => `x'${Buffer.from(bytes).toString('hex')}'`;
/** In UTF-8, whatever the connection says. */
const utf8 = (text: string): string => (text === '' ? "''" : `_utf8mb4 ${inHex(Buffer.from(text))}`);

function integers(name: string, bits: number): MatrixType[] {
  const top = 2n ** BigInt(bits - 1);
  const signed = [-top, -top + 1n, -1n, 0n, 1n, top - 1n, 10n, -10n].map(String);
  const unsigned = [0n, 1n, top - 1n, top, 2n * top - 1n].map(String);
  return [
    { declared: name, values: signed, random: fc.bigInt({ min: -top, max: top - 1n }).map(String) },
    { declared: `${name} unsigned`, values: unsigned, random: fc.bigInt({ min: 0n, max: 2n * top - 1n }).map(String) },
  ];
}

function decimals(precision: number, scale: number): MatrixType {
  const digits = fc.stringMatching(new RegExp(`^[0-9]{1,${precision}}$`));
  const random = fc.tuple(fc.boolean(), digits).map(([isNegative, all]) => {
    const padded = all.padStart(scale + 1, '0');
    const text = scale === 0 ? padded : `${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
    return isNegative ? `-${text}` : text;
  });
  const nines = '9'.repeat(precision - scale) || '0';
  const most = scale === 0 ? nines : `${nines}.${'9'.repeat(scale)}`;
  const least = scale === 0 ? '1' : `0.${'0'.repeat(scale - 1)}1`;
  return { declared: `decimal(${precision},${scale})`, values: ['0', '-0', '1', '-1', most, `-${most}`, least, `-${least}`], random };
}

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');
const fraction = (digits: number) => (digits === 0 ? fc.constant('') : fc.nat(10 ** digits - 1).map((value) => `.${pad(value, digits)}`));
const clock = fc.tuple(fc.nat(23), fc.nat(59), fc.nat(59)).map((parts) => parts.map((part) => pad(part)).join(':'));
const day = fc
  .tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
  .map(([year, month, date]) => `${pad(year, 4)}-${pad(month)}-${pad(date)}`);

function times(digits: number): MatrixType[] {
  const suffix = digits === 0 ? '' : `(${digits})`;
  const most = digits === 0 ? '' : `.${'9'.repeat(digits)}`;
  const last = digits === 0 ? '' : `.${'0'.repeat(digits - 1)}1`;
  const datetimes = [
    '0000-00-00 00:00:00',
    '2012-00-00 00:00:00',
    '2012-01-00 00:00:00',
    `9999-12-31 23:59:59${most}`,
    '1000-01-01 00:00:00',
  ];
  const hours = fc.tuple(fc.constantFrom('', '-'), fc.nat(837), fc.nat(59), fc.nat(59), fraction(digits));
  const timestamp = fc.integer({ min: 1, max: 2 ** 31 - 1 });
  return [
    {
      declared: `time${suffix}`,
      values: [
        '00:00:00',
        `-838:59:59`,
        `838:59:59`,
        `-00:00:01${last}`,
        `-00:00:00${last}`,
        `00:00:00${most}`,
        `-23:59:59${most}`,
        '24:00:00',
      ].map(quoted),
      random: hours.map(([sign, hour, minute, second, rest]) => `'${sign}${pad(hour)}:${pad(minute)}:${pad(second)}${rest}'`),
    },
    {
      declared: `datetime${suffix}`,
      values: [...datetimes, `0001-01-01 00:00:00${last}`].map(quoted),
      random: fc.tuple(day, clock, fraction(digits)).map(([date, time, rest]) => `'${date} ${time}${rest}'`),
    },
    {
      declared: `timestamp${suffix} NULL`,
      values: ['0000-00-00 00:00:00', `1970-01-01 00:00:01${last}`, `2038-01-19 03:14:07`, `2000-02-29 12:00:00${most}`].map(quoted),
      random: fc
        .tuple(timestamp, fraction(digits))
        .map(([seconds, rest]) => `'${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')}${rest}'`),
    },
  ];
}

/** MariaDB with the temporal types of before 5.6: those that the log tells. */
const OLD_TIMES: MatrixType[] = times(0).map((type) => ({
  ...type,
  declared: `${type.declared} /* old */`,
  servers: ['mariadb'],
  before: ['SET GLOBAL mysql56_temporal_format = OFF'],
  after: ['SET GLOBAL mysql56_temporal_format = ON'],
}));

const words = fc.string({ unit: 'grapheme', maxLength: 10 }).filter((text) => !/ $/.test(text));
const bytes = fc.uint8Array({ maxLength: 40 });
const TEXTS = ["''", "'a'", "'a '", "' '", utf8('äß€😀'), utf8('\u0000\u001f"\\/\u007f\u2028')];
const BYTES = ["''", "x'00'", "x'ff00'", "x'00ff'", "x'c3a4'"];
const LONG_TEXT = "repeat('ab', 40000)";

function texts(): MatrixType[] {
  const columns = ['varchar(20)', 'varchar(300)', 'tinytext', 'text', 'mediumtext', 'longtext', 'char(20)', 'char(255)'];
  const plain = columns.map((name): MatrixType => ({ declared: `${name} CHARACTER SET utf8mb4`, values: TEXTS, random: words.map(utf8) }));
  const long = ['mediumtext', 'longtext'].map((name): MatrixType => ({
    declared: `${name} CHARACTER SET utf8mb4 COMMENT 'long'`,
    values: [LONG_TEXT],
  }));
  return [
    ...plain,
    ...long,
    { declared: 'varchar(10) CHARACTER SET utf8mb3', values: ["'a'", utf8('ä€')] },
    { declared: 'varchar(10) CHARACTER SET ascii', values: ["'a'", "'~'"] },
    { declared: 'char(10) CHARACTER SET latin1', values: ["'a '", utf8('ä€')] },
    { declared: 'text CHARACTER SET ucs2', values: ["'a '", utf8('ä€'), LONG_TEXT] },
    { declared: 'char(10) CHARACTER SET utf32', values: ["'a '", utf8('ä€😀')] },
    { declared: 'varchar(10) CHARACTER SET sjis', values: ["'a'", utf8('日本')] },
  ];
}

function binaries(): MatrixType[] {
  const columns = ['varbinary(60)', 'varbinary(300)', 'tinyblob', 'blob', 'mediumblob', 'longblob'];
  return [
    ...columns.map((name): MatrixType => ({ declared: name, values: BYTES, random: bytes.map(inHex), show: hex })),
    // The log has it without the zeros that it is filled up with.
    { declared: 'binary(50)', values: BYTES, random: bytes.map(inHex), show: (text) => hex(text).padEnd(100, '0') },
    { declared: 'binary(255)', values: BYTES, show: (text) => hex(text).padEnd(510, '0') },
  ];
}

const LABELS = "'a','b c','','ä€','it''s'";
const many = Array.from({ length: 300 }, (_unused, i) => `'l${i}'`);

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
  ["CAST(ST_GeomFromText('POINT(1 2)') AS JSON)", '{"type":"Point","coordinates":[1.0,2.0]}'],
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

const ADDRESSES = [
  '::',
  '::1',
  '1::',
  '::ffff:192.168.0.1',
  '::192.168.0.1',
  '2001:db8::ff00:42:8329',
  'fe80::',
  '1:0:2:3:4:5:6:7',
  '1:0:0:2:0:0:0:3',
  '::0.0.1.0',
  '1:2:3:4:5:6:7:0',
];
const UUIDS = [
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  '123e4567-e89b-12d3-a456-426655440000',
  '018c2e65-4b6b-7000-8000-000000000000',
  '6ba7b810-9dad-41d1-80b4-00c04fd43000',
];

/** The types of MariaDB and MySQL. */
export const TYPES: readonly MatrixType[] = [
  ...integers('tinyint', 8),
  ...integers('smallint', 16),
  ...integers('mediumint', 24),
  ...integers('int', 32),
  ...integers('bigint', 64),
  { declared: 'bool', values: ['true', 'false', '-1'] },
  ...[
    [1, 0],
    [5, 2],
    [9, 0],
    [10, 0],
    [18, 9],
    [20, 10],
    [30, 30],
    [38, 20],
    [65, 30],
    [65, 0],
    [7, 7],
  ].map(([p, s]) => decimals(p!, s!)),
  {
    declared: 'decimal(10,3) unsigned zerofill',
    values: ['0', '1.5', '9999999.999'],
    said: (text) => text.toString().replace(/^0+(?=\d)/, ''),
  },
  {
    declared: 'double',
    values: [
      '0',
      '-0e0',
      '1',
      '1e7',
      '1e6',
      '0.001',
      '0.0001',
      '1.7976931348623157e308',
      '2.2250738585072014e-308',
      '5e-324',
      '3.14159',
      '2e23',
    ],
    random: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    show: number,
  },
  {
    declared: 'float',
    values: ['0', '1', '1e7', '3.4028234e38', '1.1754944e-38', '1e-45', '3.14159', '16777216', '0.1'],
    random: fc.float({ noNaN: true, noDefaultInfinity: true }).map(String),
    select: 'v + 0e0',
    show: float,
  },
  ...[1, 7, 8, 9, 24, 32, 33, 63, 64].map((bits): MatrixType => ({
    declared: `bit(${bits})`,
    values: ['0', '1', String(2n ** BigInt(bits) - 1n), String(2n ** BigInt(bits - 1))],
    random: fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n }).map(String),
    select: 'v + 0',
  })),
  { declared: 'year', values: ['0', '1901', '2155', '1999', "'0000'"] },
  {
    declared: 'date',
    values: ['0000-00-00', '2012-00-00', '2012-02-00', '0000-01-01', '9999-12-31', '1000-01-01'].map(quoted),
    random: day.map(quoted),
  },
  ...[0, 1, 2, 3, 4, 5, 6].flatMap(times),
  ...OLD_TIMES,
  ...texts(),
  ...binaries(),
  { declared: `enum(${LABELS}) CHARACTER SET utf8mb4`, values: ['1', '2', '3', utf8('ä€'), '5', "'none of them'"] },
  { declared: `enum(${many.join(',')})`, values: ['1', '255', '256', '300'] },
  { declared: "set('a','b c','ä€','it''s') CHARACTER SET utf8mb4", values: ["''", '1', '15', "'a,it''s'"], random: fc.nat(15).map(String) },
  {
    declared: `set(${many.slice(0, 64).join(',')})`,
    values: ['0', '1', '18446744073709551615', '9223372036854775808'],
    random: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  },
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
  { declared: 'inet6', values: ADDRESSES.map(quoted), random: fc.ipV6().map(quoted), meaning: 'inet6', servers: ['mariadb'] },
  {
    declared: 'inet4',
    values: ['0.0.0.0', '255.255.255.255', '10.0.0.0', '192.168.1.20'].map(quoted),
    random: fc.ipV4().map(quoted),
    meaning: 'inet4',
    servers: ['mariadb'],
  },
  {
    declared: 'uuid',
    values: UUIDS.map(quoted),
    random: fc.uuid({ version: [1, 4, 7] }).map(quoted),
    meaning: 'uuid',
    servers: ['mariadb'],
  },
  {
    declared: 'varchar(200) COMPRESSED CHARACTER SET utf8mb4',
    values: [...TEXTS, "repeat('abc', 60)"],
    random: words.map(utf8),
    servers: ['mariadb'],
  },
  { declared: 'mediumtext COMPRESSED CHARACTER SET utf8mb4', values: [...TEXTS, LONG_TEXT], servers: ['mariadb'] },
  { declared: 'blob COMPRESSED', values: [...BYTES, "repeat(x'00ff', 5000)"], show: hex, servers: ['mariadb'] },
];
