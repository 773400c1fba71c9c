import type { PostgresVersion } from '../support/postgres-install.ts';

/** Values of one column type: the type's name in `pg_type`, how a column of it is declared, and values as SQL expressions. */
export type TypeSample = readonly [name: string, declaration: string, values: readonly string[]];

const quoted = (...values: readonly string[]): string[] => values.map((value) => `'${value.replaceAll("'", "''")}'`);
/** Types that are written by name. */
const plain = (name: string, ...values: readonly string[]): TypeSample => [name, name, quoted(...values)];

/** Every built-in type that a column can have, with values at its edges. The test fails for a type of the server that is missing here. */
export const TYPE_SAMPLES: readonly TypeSample[] = [
  plain('bool', 't', 'f'),
  plain('int2', '-32768', '32767', '0'),
  plain('int4', '-2147483648', '2147483647'),
  plain('int8', '-9223372036854775808', '9223372036854775807', '9007199254740993'),
  plain('oid', '0', '4294967295'),
  plain('xid', '3', '4294967295'),
  plain('cid', '0', '4294967295'),
  plain('xid8', '18446744073709551615'),
  plain('float4', '0.1', '-0', '1e10', '3.4028235e38', '1e-45', 'NaN', 'Infinity', '-Infinity'),
  plain('float8', '0.1', '-0', '1e15', '1e-05', '5e-324', '1.7976931348623157e308', '0.3333333333333333', 'NaN', '-Infinity'),
  plain('numeric', '1.50', '-0.00', '1e-30', '1e40', '12345678901234567890123456789.0123456789', 'NaN', 'Infinity', '-Infinity'),
  ['numeric', 'numeric(160,60)', quoted('0', '505.35681146198', '-1024')],
  plain('money', '12345.67', '-92233720368547758.08'),
  plain('text', '', 'a"b\\c', '\b\t\n\f\r', 'é日本語😁', "quote ' here", 'NULL', '\u007f\u2028'),
  plain('varchar', 'x y', '{a,b}'),
  ['bpchar', 'character(5)', quoted('ab', '日本', '')],
  ['char', '"char"', quoted('a', ' ')],
  plain('name', 'some_name'),
  plain('xml', '<a b="c">é &amp; 1</a>'),
  ['bytea', 'bytea', [...quoted('\\x', '\\x00', '\\x00ff10', '\\xdeadbeef01'), `decode(repeat('00ff', 300), 'hex')`]],
  plain('json', '{"b":1, "a" : [1,2.50,1e3] ,"b":2}', 'null', '{\n "x": "😁\\u0041"}', '12345678901234567890.10'),
  plain('jsonb', '{"a":[1,2.50,1e3],"b":"\\"q\\""}', 'null', '[]', '12345678901234567890.10'),
  plain('jsonpath', '$."a"[*]?(@ > 1)'),
  plain('date', '2025-09-09', '0044-03-15 BC', '5874897-12-31', 'infinity', '-infinity'),
  plain('time', '19:28:43.5', '24:00:00', '00:00:00.000001'),
  plain('timetz', '19:28:43.5+08', '00:00:00-15:59'),
  plain(
    'timestamp',
    '2025-09-09 19:28:43.4846',
    '0044-03-15 12:00:00 BC',
    '294276-12-31 23:59:59.999999',
    '1999-01-01',
    'infinity',
    '-infinity',
  ),
  plain('timestamptz', '2025-09-09 19:28:43.4846+08', '0044-03-15 12:00:00+00 BC', '1900-01-01 00:00:00+08:05:43', 'infinity', '-infinity'),
  plain('interval', '1 year 2 mons 3 days 04:05:06.789', '0', '-1 day', '-178000000 years'),
  plain('uuid', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'),
  ['bit', 'bit(8)', [`B'00000101'`, `B'11111111'`]],
  ['bit', 'bit(64)', [`X'ffffffffffffffff'`, `X'0000000000000001'`, `X'8000000000000000'`]],
  ['bit', 'bit(65)', [`(B'1' || X'0000000000000001')`]],
  plain('varbit', '', '0101'),
  plain('inet', '192.168.0.1', '192.168.0.1/24', '::1'),
  plain('cidr', '10.0.0.0/8', '10.1.2.3/32'),
  plain('macaddr', '08:00:2b:01:02:03'),
  plain('macaddr8', '08:00:2b:01:02:03:04:05'),
  plain('point', '(1.5,2)', '(NaN,Infinity)'),
  plain('line', '{1,2,3}'),
  plain('lseg', '[(0,0),(1,1.5)]'),
  plain('box', '(1,1),(0,0)'),
  plain('path', '[(0,0),(1,1)]', '((0,0),(1,1))'),
  plain('polygon', '((0,0),(1,1),(1,0))'),
  plain('circle', '<(0,0),2>'),
  plain('int4range', '[1,10]', 'empty', '(,5)'),
  plain('int8range', '[1,9223372036854775806]'),
  plain('numrange', '[1.50,2.0)'),
  plain('tsrange', '["2025-01-01 00:00:00.5","2025-02-01")'),
  plain('tstzrange', '["2025-01-01 00:00:00+08",)'),
  plain('daterange', '[2025-01-01,2025-02-01)', '[2025-01-01,infinity]'),
  plain('int4multirange', '{[1,3),[5,7)}', '{}'),
  plain('int8multirange', '{[1,3)}'),
  plain('nummultirange', '{[1.5,3.0)}'),
  plain('tsmultirange', '{["2025-01-01","2025-02-01")}'),
  plain('tstzmultirange', '{["2025-01-01 00:00:00+08","2025-02-01")}'),
  plain('datemultirange', '{[2025-01-01,2025-02-01)}'),
  ['tsvector', 'tsvector', [`to_tsvector('simple', 'a fat cat''s \\ "x"')`]],
  plain('tsquery', "'fat' & !'rat':*"),
  plain('pg_lsn', '16/B374D848', 'FFFFFFFF/FFFFFFFF'),
  plain('pg_snapshot', '10:20:10,14,15'),
  plain('txid_snapshot', '10:20:10,14,15'),
  plain('tid', '(4294967294,65535)'),
  plain('int2vector', '1 -2 3'),
  plain('oidvector', '1 4294967295'),
  plain('refcursor', 'a "cursor"'),
  plain('aclitem', 'postgres=arwdDxt/postgres'),
  plain('regclass', 'pg_class', '4294967295'),
  ['regcollation', 'regcollation', quoted('"C"')],
  plain('regconfig', 'simple'),
  plain('regdictionary', 'simple'),
  plain('regnamespace', 'pg_catalog'),
  plain('regoper', '4294967295'),
  plain('regoperator', '+(integer,integer)'),
  plain('regproc', 'boolin'),
  plain('regprocedure', 'abs(integer)'),
  plain('regrole', 'postgres'),
  plain('regtype', 'timestamp with time zone'),
  // No literal makes these; the catalogue has some.
  ['pg_node_tree', 'pg_node_tree', ['(SELECT adbin FROM pg_attrdef LIMIT 1)']],
  ['pg_ndistinct', 'pg_ndistinct', ['(SELECT stxdndistinct FROM pg_statistic_ext_data)']],
  ['pg_dependencies', 'pg_dependencies', ['(SELECT stxddependencies FROM pg_statistic_ext_data)']],
  ['pg_mcv_list', 'pg_mcv_list', ['(SELECT stxdmcv FROM pg_statistic_ext_data)']],
  // Only an index's own pages hold values of these; a column of the type can hold NULL alone.
  ['gtsvector', 'gtsvector', ['NULL']],
  ['pg_brin_bloom_summary', 'pg_brin_bloom_summary', ['NULL']],
  ['pg_brin_minmax_multi_summary', 'pg_brin_minmax_multi_summary', ['NULL']],
];

/** Of these the server makes no array types. */
export const WITHOUT_ARRAYS: ReadonlySet<string> = new Set([
  'pg_node_tree',
  'pg_ndistinct',
  'pg_dependencies',
  'pg_mcv_list',
  'pg_brin_bloom_summary',
  'pg_brin_minmax_multi_summary',
]);

/** What the values of the statistics types come from. */
const STATISTICS = `
  CREATE TABLE public.statistics_of (id serial PRIMARY KEY, a int, b int);
  INSERT INTO public.statistics_of (a, b) SELECT n % 10, n % 5 FROM generate_series(1, 1000) n;
  CREATE STATISTICS public.statistics_of_ab ON a, b FROM public.statistics_of;
  ANALYZE public.statistics_of;`;

/** Types of users, one of each class; made by `USER_TYPES`. */
const USER_TYPE_SAMPLES: readonly TypeSample[] = [
  ['mood', 'own.mood', quoted('ok', `it's "fine", 日本`)],
  ['positive', 'own.positive', quoted('5', '2147483647')],
  ['price', 'own.price', quoted('1.50')],
  ['tags', 'own.tags', quoted('{a,"b,c",NULL}')],
  ['Pair', 'own."Pair"', [`ROW(1, 'x "y"', 2.50)`, 'ROW(NULL, NULL, NULL)']],
  ['span', 'own.span', quoted('[0.5,1.5]')],
  ['span_multirange', 'own.span_multirange', quoted('{[0.5,1.5],[2,3)}', '{}')],
  ['feeling', 'own.feeling', quoted('ok')],
  ['moment', 'own.moment', quoted('2025-09-09 19:28:43.4846+08')],
  ['payload', 'own.payload', quoted('{"a":[1,"x"]}')],
  ['Nest', 'own."Nest"', [`ROW(ROW(1, 'x "y"', 2.50)::own."Pair", ARRAY['a,b', NULL], ARRAY[ROW(3, '\\', NULL)::own."Pair"], '{"k":1}')`]],
];

const USER_TYPES = `
  CREATE SCHEMA own;
  CREATE TYPE own.mood AS ENUM ('ok', 'it''s "fine", 日本');
  CREATE DOMAIN own.positive AS int CHECK (value > 0);
  CREATE DOMAIN own.amount AS numeric(20,4);
  CREATE DOMAIN own.price AS own.amount;
  CREATE DOMAIN own.tags AS text[];
  CREATE TYPE own."Pair" AS (a int, "b c" text, n numeric);
  CREATE TYPE own.span AS RANGE (subtype = float8);
  CREATE DOMAIN own.feeling AS own.mood;
  CREATE DOMAIN own.moment AS timestamptz;
  CREATE DOMAIN own.payload AS jsonb;
  CREATE TYPE own."Nest" AS (pair own."Pair", texts text[], pairs own."Pair"[], doc jsonb);`;

/** Types of extensions that come with PostgreSQL; made by `EXTENSIONS`. */
const EXTENSION_SAMPLES: readonly TypeSample[] = [
  ['hstore', 'ext.hstore', quoted('', 'a=>1, b=>NULL', '"k \\"\\\\é"=>"v, \\"x\\"=>NULL", "n"=>"NULL"')],
  plain('citext', 'Mixed Case', 'a"b\\c', ''),
  plain('ltree', 'Top.Science.Astronomy', ''),
  plain('lquery', 'Top.*{2}.!a@|b*'),
  plain('cube', '(1, 2.5),(3, 4)'),
  plain('isbn13', '978-0-393-04002-9'),
];

const EXTENSIONS = `
  CREATE SCHEMA ext; CREATE EXTENSION hstore SCHEMA ext;
  CREATE EXTENSION citext; CREATE EXTENSION ltree; CREATE EXTENSION cube; CREATE EXTENSION isn;`;

/** Types of PostGIS; made by `POSTGIS`. */
const POSTGIS_SAMPLES: readonly TypeSample[] = [
  plain('geometry', 'SRID=4326;POINT(1 2)', 'POLYGON((0 0,0 1,1 1,0 0))', 'POINT EMPTY', 'LINESTRING ZM(1 2 3 4,5 6 7 8)'),
  ['geometry', 'geometry(PointZ,3857)', quoted('SRID=3857;POINT Z(1 2 3)')],
  plain('geography', 'POINT(-122.3 47.6)'),
  plain('box2d', 'BOX(1 2,3 4)'),
  plain('box3d', 'BOX3D(1 2 3,4 5 6)'),
];

const POSTGIS = 'CREATE EXTENSION postgis;';

/** All samples, and what makes their types, on a server of this version. */
export function samplesOf(version: PostgresVersion): { samples: readonly TypeSample[]; types: string } {
  const samples = [...TYPE_SAMPLES, ...USER_TYPE_SAMPLES, ...EXTENSION_SAMPLES];
  // Only Debian has PostGIS for the servers here.
  if (version !== '15') return { samples, types: STATISTICS + USER_TYPES + EXTENSIONS };
  return { samples: [...samples, ...POSTGIS_SAMPLES], types: STATISTICS + USER_TYPES + EXTENSIONS + POSTGIS };
}

/** What stands between the elements of an array. */
export function delimiterOf([name]: TypeSample): string {
  if (name === 'box') return ';';
  return name === 'geometry' || name === 'geography' ? ':' : ',';
}
