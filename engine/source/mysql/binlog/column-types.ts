/** Type codes of columns in a table map. Those from 242 on, and 140, 141, are in the log alone or of one server. */
export const ColumnType = {
  decimal: 0,
  tiny: 1,
  short: 2,
  long: 3,
  float: 4,
  double: 5,
  null: 6,
  timestamp: 7,
  longlong: 8,
  int24: 9,
  date: 10,
  time: 11,
  datetime: 12,
  year: 13,
  newDate: 14,
  varchar: 15,
  bit: 16,
  timestamp2: 17,
  datetime2: 18,
  time2: 19,
  /** MariaDB's compressed columns. */
  blobCompressed: 140,
  varcharCompressed: 141,
  vector: 242,
  json: 245,
  newDecimal: 246,
  enum: 247,
  set: 248,
  tinyBlob: 249,
  mediumBlob: 250,
  longBlob: 251,
  blob: 252,
  varString: 253,
  string: 254,
  geometry: 255,
} as const;

/**
 * Bytes of the temporal types of before MySQL 5.6 by the digits of their fraction. The log does not tell them: MySQL's have no fraction, of
 * MariaDB's the catalogue knows.
 */
export const OLD_TEMPORAL_BYTES = {
  [ColumnType.time]: [3, 4, 4, 5, 5, 5, 6],
  [ColumnType.datetime]: [8, 6, 6, 7, 7, 7, 8],
  [ColumnType.timestamp]: [4, 5, 5, 6, 6, 7, 7],
} as const satisfies Readonly<Record<number, readonly number[]>>;

/** How the metadata of a type stands in a table map: bytes, and whether the first of two is the high one. */
export const METADATA_BYTES: Readonly<Record<number, 0 | 1 | 2>> = {
  [ColumnType.tiny]: 0,
  [ColumnType.short]: 0,
  [ColumnType.long]: 0,
  [ColumnType.float]: 1,
  [ColumnType.double]: 1,
  [ColumnType.null]: 0,
  [ColumnType.timestamp]: 0,
  [ColumnType.longlong]: 0,
  [ColumnType.int24]: 0,
  [ColumnType.date]: 0,
  [ColumnType.time]: 0,
  [ColumnType.datetime]: 0,
  [ColumnType.year]: 0,
  [ColumnType.newDate]: 0,
  [ColumnType.varchar]: 2,
  [ColumnType.bit]: 2,
  [ColumnType.timestamp2]: 1,
  [ColumnType.datetime2]: 1,
  [ColumnType.time2]: 1,
  [ColumnType.blobCompressed]: 1,
  [ColumnType.varcharCompressed]: 2,
  [ColumnType.vector]: 1,
  [ColumnType.json]: 1,
  [ColumnType.newDecimal]: 2,
  [ColumnType.tinyBlob]: 1,
  [ColumnType.mediumBlob]: 1,
  [ColumnType.longBlob]: 1,
  [ColumnType.blob]: 1,
  [ColumnType.varString]: 2,
  [ColumnType.string]: 2,
  [ColumnType.geometry]: 1,
  [ColumnType.enum]: 2,
  [ColumnType.set]: 2,
};

/** Types that have a bit in the table map's list of unsigned columns. */
export const NUMERIC_TYPES: ReadonlySet<number> = new Set([
  ColumnType.tiny,
  ColumnType.short,
  ColumnType.int24,
  ColumnType.long,
  ColumnType.longlong,
  ColumnType.decimal,
  ColumnType.newDecimal,
  ColumnType.float,
  ColumnType.double,
  ColumnType.year,
]);

/** Types that have a collation in the table map's list of character columns; MariaDB has geometry there as well. */
export const CHARACTER_TYPES: ReadonlySet<number> = new Set([
  ColumnType.varchar,
  ColumnType.varString,
  ColumnType.string,
  ColumnType.tinyBlob,
  ColumnType.mediumBlob,
  ColumnType.longBlob,
  ColumnType.blob,
  ColumnType.varcharCompressed,
  ColumnType.blobCompressed,
]);
