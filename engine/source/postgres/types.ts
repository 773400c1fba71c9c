import { ColumnKind } from '../../change/column-kind.ts';
import type { ColumnSchema } from '../../change/table-schema.ts';

/** A row of `pg_type`, as far as values depend on it. What it says of a type never changes while the type exists. */
export interface TypeRow {
  readonly oid: number;
  /** The server's own types lie in `pg_catalog`. */
  readonly schema: string;
  readonly name: string;
  /** `typtype`: base, composite, domain, enum, multirange, pseudo, range. */
  readonly class: 'b' | 'c' | 'd' | 'e' | 'm' | 'p' | 'r';
  /** Of a domain. */
  readonly baseOid: number;
  readonly baseModifier: number;
  /** Of an array whose text form is `{...}`; 0 for anything else. */
  readonly elementOid: number;
  /** What stands between the elements of an array of this type. */
  readonly delimiter: string;
}

/** What encoders must know of a column's type. */
export type ColumnType = Pick<ColumnSchema, 'kind' | 'length' | 'element'>;

const BUILT_IN: Readonly<Record<string, ColumnKind>> = {
  bool: ColumnKind.bool,
  int2: ColumnKind.int,
  int4: ColumnKind.int,
  int8: ColumnKind.int,
  oid: ColumnKind.uint,
  xid: ColumnKind.uint,
  cid: ColumnKind.uint,
  xid8: ColumnKind.uint,
  float4: ColumnKind.float32,
  float8: ColumnKind.float64,
  numeric: ColumnKind.decimal,
  text: ColumnKind.text,
  varchar: ColumnKind.text,
  bpchar: ColumnKind.text,
  name: ColumnKind.text,
  char: ColumnKind.text,
  xml: ColumnKind.text,
  bytea: ColumnKind.bytes,
  json: ColumnKind.json,
  jsonb: ColumnKind.json,
  date: ColumnKind.date,
  time: ColumnKind.time,
  timestamp: ColumnKind.datetime,
  timestamptz: ColumnKind.timestamptz,
  interval: ColumnKind.interval,
  uuid: ColumnKind.uuid,
  bit: ColumnKind.bit,
};

/** Types of extensions, whose oids differ from database to database. */
const OF_EXTENSIONS: Readonly<Record<string, ColumnKind>> = {
  citext: ColumnKind.text,
  ltree: ColumnKind.text,
  hstore: ColumnKind.map,
  geometry: ColumnKind.geometry,
  geography: ColumnKind.geometry,
};

/** The modifier of these is the length and 4. */
const CHARACTER_TYPES = new Set(['varchar', 'bpchar']);
const BIT_TYPES = new Set(['bit', 'varbit']);

/**
 * What a column of this type and modifier is: a domain is its base type, an array has elements, everything that is not known is `other`,
 * whose text form every format can carry.
 * @returns null when `types` lacks the type, or one that it is made of
 */
export function resolveType(oid: number, modifier: number, types: ReadonlyMap<number, TypeRow>): ColumnType | null {
  const base = resolveDomain(oid, modifier, types);
  if (base === null) return null;
  if (base.type.elementOid === 0) return { kind: kindOf(base.type), length: lengthOf(base.type, base.modifier), element: null };
  const element = resolveDomain(base.type.elementOid, base.modifier, types);
  const declared = types.get(base.type.elementOid);
  if (element === null || declared === undefined) return null;
  // An array of a domain over an array holds arrays in text form: their type, `_int4`, is one of those that are `other`.
  const of = { kind: kindOf(element.type), length: lengthOf(element.type, element.modifier), delimiter: declared.delimiter };
  return { kind: ColumnKind.array, length: -1, element: of };
}

function resolveDomain(oid: number, modifier: number, types: ReadonlyMap<number, TypeRow>): { type: TypeRow; modifier: number } | null {
  let type = types.get(oid);
  let found = modifier;
  while (type?.class === 'd') {
    if (found === -1) found = type.baseModifier;
    type = types.get(type.baseOid);
  }
  return type === undefined ? null : { type, modifier: found };
}

function kindOf(type: TypeRow): ColumnKind {
  if (type.class === 'e') return ColumnKind.enum;
  if (type.class !== 'b') return ColumnKind.other;
  const kinds = type.schema === 'pg_catalog' ? BUILT_IN : OF_EXTENSIONS;
  return kinds[type.name] ?? ColumnKind.other;
}

function lengthOf(type: TypeRow, modifier: number): number {
  if (modifier < 0 || type.schema !== 'pg_catalog') return -1;
  if (CHARACTER_TYPES.has(type.name)) return modifier - 4;
  return BIT_TYPES.has(type.name) ? modifier : -1;
}
